#include "daemon/start.hpp"

#include "daemon/daemon.hpp"
#include "daemon/last_words.hpp"
#include "daemon/log_options.hpp"
#include "daemon/refusing_server.hpp"
#include "daemon/wants_json.hpp"
#include "log/log.hpp"

#include <systemd/sd-daemon.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <utility>
#include <variant>

namespace dialhook::daemon {
namespace {

using namespace std::chrono_literals;

/// How long a daemon that can only refuse stays: systemd 252 knows no growing pauses between starts, so they are here.
constexpr std::chrono::milliseconds first_stay = 1s;
constexpr unsigned max_doublings = 3;

/// How long it stays when its configuration is good and it cannot listen, as on an address that a machine gets a while
/// after its boot. Longer than a quarter of the unit's StartLimitIntervalSec=, so that systemd never ceases to try.
constexpr std::chrono::milliseconds stay_without_fault = 16s;

/// Where the sockets of the service are. Its last words are left there when no socket was passed.
constexpr std::string_view service_folder = "/run/dialhook";

/// Returns how faults are written where no configuration says it.
log::Format default_format()
{
    return log::automatic_format(STDERR_FILENO, std::getenv("JOURNAL_STREAM"));
}

bool logs_to_journal()
{
    return default_format() == log::Format::journal;
}

/// Returns the faults alone: a warning keeps no daemon from its start.
std::vector<std::string> texts_of(const config::Faults& faults)
{
    std::vector<std::string> texts;
    for (const config::Fault& fault : faults)
        if (!fault.is_warning)
            texts.push_back(fault.str());
    return texts;
}

/// Writes faults and their number to standard error: all of them at a terminal, and for the journal the first, with
/// their priority.
void print(const std::vector<std::string>& faults)
{
    const bool to_journal = logs_to_journal();
    const std::string_view priority = to_journal ? SD_ERR : "";
    const std::size_t count = to_journal ? std::min(faults.size(), max_logged_faults) : faults.size();
    for (std::size_t at = 0; at < count; ++at)
        std::cerr << priority << faults[at] << '\n';
    if (count < faults.size())
        std::cerr << priority << faults.size() - count << " more faults\n";
    else if (!to_journal)
        std::cerr << faults.size() << (faults.size() == 1 ? " fault\n" : " faults\n");
}

/// One start of the process: the configurations that it may run with, the newest first.
class Starting
{
public:
    Starting(Loader& loader, const std::optional<LastGood>& last_good)
        : loader_(loader)
        , last_good_(last_good)
        , passed_(PassedSockets::from_environment())
    {
    }

    int run(boost::system::result<Loaded, config::Faults> loaded)
    {
        if (loaded) {
            const auto ended = serve(*std::move(loaded), {loader_.file().string(), now(), false, {}, {}});
            if (const int* const code = std::get_if<int>(&ended))
                return *code;
            faults_ = {std::get<std::string>(ended)};
            has_said_faults_ = true;
        } else {
            faults_ = texts_of(loaded.error());
        }
        if (const auto code = fall_back())
            return *code;
        return refuse();
    }

private:
    using Ended = std::variant<int, std::string>; ///< an exit code, or why there was no start

    static std::chrono::system_clock::time_point now() { return std::chrono::system_clock::now(); }

    Ended serve(Loaded loaded, status::ConfigurationInForce in_force)
    {
        const config::LogSettings log_settings = loaded.snapshot->configuration().server.log;
        std::optional<log::Log> opened;
        try {
            opened.emplace(log_options(log_settings));
        } catch (const std::exception& error) { // server.log.file cannot be opened, though it could when it was checked
            std::cerr << "dialhookd: " << error.what() << '\n';
            return std::string(error.what());
        }
        log::Log& log = *opened;
        const auto say = [&](const char* why) {
            log.write(log::Level::error, "dialhookd cannot run", {{"detail", why}});
            if (!log_settings.file.empty() || log_settings.format == config::LogFormat::syslog)
                std::cerr << "dialhookd cannot run: " << why << '\n'; // where `systemctl status` shows it
        };
        std::optional<Daemon> daemon;
        try {
            daemon.emplace(loader_,
                           Start{std::move(loaded), std::move(in_force), passed_.duplicates(),
                                 last_good_ ? &*last_good_ : nullptr},
                           log);
        } catch (const std::exception& error) {
            say(error.what());
            return std::string(error.what());
        }
        passed_.close();
        try {
            daemon->run();
            return EXIT_SUCCESS;
        } catch (const std::exception& error) {
            say(error.what());
            return EXIT_FAILURE;
        }
    }

    /// Returns the exit code, or nullopt if there is none that the daemon can start with.
    std::optional<int> fall_back()
    {
        if (!last_good_)
            return std::nullopt;
        const auto kept = last_good_->read();
        if (!kept) {
            faults_.push_back("no last good configuration to fall back on: " + last_good_->file().string() + ": " +
                              kept.error().message);
            return std::nullopt;
        }
        auto loaded = loader_.load_kept(*kept);
        if (!loaded) {
            faults_.push_back("the last good configuration, " + last_good_->file().string() +
                              ", cannot be used either: " + loaded.error().front().str());
            return std::nullopt;
        }
        const auto ended = serve(*std::move(loaded), {loader_.file().string(), kept->applied_at, true, now(), faults_});
        if (const int* const code = std::get_if<int>(&ended))
            return *code;
        faults_.push_back("the last good configuration cannot be started with either: " + std::get<std::string>(ended));
        return std::nullopt;
    }

    int refuse()
    {
        const bool is_json = wants_json(loader_.file());
        log::Log log({log::Level::info, is_json ? log::Format::json : default_format()});
        const auto say = [&](const std::vector<std::string>& faults) {
            if (!is_json)
                return print(faults);
            for (std::size_t at = 0; at < std::min(faults.size(), max_logged_faults); ++at)
                log.write(log::Level::error, faults[at]);
            if (faults.size() > max_logged_faults)
                log.write(log::Level::error, std::to_string(faults.size() - max_logged_faults) + " more faults");
        };
        const std::filesystem::path passed_folder = passed_.folder();
        const bool is_service = logs_to_journal();
        const LastWords words(passed_folder.empty() && is_service ? std::filesystem::path(service_folder)
                                                                  : passed_folder);
        const LastWords::Before before = words.before();
        const unsigned starts = before.starts + 1;
        if (before.starts > 0 && before.words == LastWords::text_of(faults_))
            say({"still the same " + std::to_string(faults_.size()) + (faults_.size() == 1 ? " fault" : " faults") +
                 " as at the start before, and no calls are decided: " + faults_.front()});
        else if (!has_said_faults_)
            say(faults_);
        words.leave(faults_, starts);
        if (passed_.empty() && !is_service)
            return EXIT_FAILURE; // somebody at a terminal: no engine waits
        ::sd_notify(0, ("STATUS=no valid configuration, calls are refused: " + faults_.front()).c_str());
        RefusingServer server(passed_, faults_, log);
        const bool was_stopped = server.refuse_for(
            has_said_faults_ ? stay_without_fault : first_stay * (1U << std::min(starts - 1, max_doublings)));
        return was_stopped ? EXIT_SUCCESS : EXIT_FAILURE;
    }

    Loader& loader_;
    const std::optional<LastGood>& last_good_;
    PassedSockets passed_;
    std::vector<std::string> faults_;
    bool has_said_faults_ = false;
};

} // namespace

int start(Loader& loader, boost::system::result<Loaded, config::Faults> loaded,
          const std::optional<LastGood>& last_good)
{
    return Starting(loader, last_good).run(std::move(loaded));
}

} // namespace dialhook::daemon
