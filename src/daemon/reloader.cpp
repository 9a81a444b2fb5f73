#include "daemon/reloader.hpp"

#include "base/pace.hpp"
#include "daemon/allocator.hpp"

#include <boost/asio/post.hpp>
#include <system_error>
#include <systemd/sd-daemon.h>

#include <algorithm>
#include <ctime>
#include <pthread.h>
#include <utility>

namespace dialhook::daemon {
namespace {

constexpr std::chrono::seconds retirement_check{1};

std::string monotonic_now()
{
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    return std::to_string(static_cast<long long>(now.tv_sec) * 1'000'000 + now.tv_nsec / 1000);
}

/// Returns whether `key` is opened at a start alone and stops it if that fails, so that a reload proves nothing about
/// it. A spool that cannot be opened stops no start.
bool is_opened_at_start(const std::string& key)
{
    return key != "server.threads" && key != "server.log.format" && key != "server.spool";
}

/// Returns whether `file` cannot be read to its end, or would make the daemon wait for a writer: a folder, a pipe, a
/// device.
bool is_of_another_kind(const std::filesystem::path& file)
{
    std::error_code error;
    const auto status = std::filesystem::status(file, error);
    return !error && std::filesystem::exists(status) && !std::filesystem::is_regular_file(status);
}

boost::system::result<Loaded, config::Faults> read(const std::filesystem::path& file)
{
    if (is_of_another_kind(file))
        return config::Faults{{file.string(), 0, 0, "this is not a regular file; name one that the daemon can read"}};
    return Loader::check(file);
}

} // namespace

Reloader::Reloader(net::asio::io_context& context, Loader& loader, const LastGood* last_good,
                   const Listeners& listeners, Loaded started, status::ConfigurationInForce in_force, User& user,
                   log::Log& log)
    : context_(context)
    , loader_(loader)
    , last_good_(last_good)
    , listeners_(listeners)
    , user_(user)
    , log_(log)
    , snapshot_(std::move(started.snapshot))
    , resolver_(std::move(started.resolver))
    , files_to_keep_(std::move(started.files))
    , in_force_(std::move(in_force))
    , started_with_(snapshot_->configuration().server)
    , retirement_(context)
{
    net::asio::post(loading_, [] {
        ::pthread_setname_np(::pthread_self(), "dialhook-load");
        use_own_arena();
    });
}

void Reloader::keep_started()
{
    if (!in_force_.stale)
        keep(std::move(files_to_keep_));
}

void Reloader::reload(std::function<void(Outcome)> done)
{
    ::sd_notify(0, ("RELOADING=1\nMONOTONIC_USEC=" + monotonic_now()).c_str());
    net::asio::post(loading_, [this, before = snapshot_, done = std::move(done)]() mutable {
        const Pace pace;
        std::string log_fault = log_.reopen(); // whatever becomes of the configuration: it may have been logrotate
        auto loaded = loader_.load(before.get());
        before.reset();
        net::asio::post(context_, [this, log_fault = std::move(log_fault), loaded = std::move(loaded),
                                   done = std::move(done)]() mutable {
            Outcome outcome = take(std::move(loaded));
            if (!log_fault.empty()) {
                log_.write(log::Level::error, log_fault);
                outcome.messages.push_back(std::move(log_fault));
            }
            done(outcome);
            ::sd_notify(0, "READY=1");
            user_.reloaded();
        });
    });
}

Reloader::Outcome Reloader::take(Read loaded)
{
    Outcome outcome;
    outcome.applied = loaded.has_value();
    if (loaded)
        apply(*std::move(loaded), outcome);
    else
        refuse(loaded.error(), outcome);
    for (const std::string& message : outcome.messages)
        log_.write(outcome.applied ? log::Level::warning : log::Level::error, message);
    last_reload_ = {outcome, std::chrono::system_clock::now()};
    return outcome;
}

void Reloader::apply(Loaded loaded, Outcome& outcome)
{
    const config::ServerSettings& wanted = loaded.snapshot->configuration().server;
    for (const config::Fault& warning : loaded.snapshot->configuration().warnings)
        outcome.messages.push_back(warning.str());
    const std::vector<std::string> later = not_before_restart(wanted);
    for (const std::string& key : later)
        outcome.messages.push_back(key + " changes only at a restart; everything else was applied");
    for (std::string& message : listeners_.overruled(wanted))
        outcome.messages.push_back(std::move(message));
    // What a restart would open has not been tried yet: the configuration that did start stays the last good one.
    const bool is_proven = std::ranges::none_of(later, is_opened_at_start);
    if (!is_proven && last_good_ != nullptr)
        outcome.messages.emplace_back("until a restart opens what changed, a start with a faulty configuration falls "
                                      "back on the one kept before, not on this one");
    log_.set_level(wanted.log.level);
    retire(std::exchange(snapshot_, std::move(loaded.snapshot)));
    resolver_ = std::move(loaded.resolver);
    user_.applied(snapshot_, resolver_);
    in_force_ = {std::move(in_force_.file), std::chrono::system_clock::now(), false, {}, {}};
    if (is_proven)
        keep(std::move(loaded.files));
    log_.write(log::Level::info, "configuration reloaded", {{"webhooks", snapshot_->webhooks().size()}});
}

void Reloader::refuse(const config::Faults& faults, Outcome& outcome)
{
    for (const config::Fault& fault : faults)
        if (!fault.is_warning)
            outcome.messages.push_back(fault.str());
    user_.refused(outcome.messages);
    in_force_.refused_at = std::chrono::system_clock::now();
    in_force_.faults = outcome.messages;
    log_.write(log::Level::error, "configuration refused; the old one stays in use",
               {{"faults", outcome.messages.size()}});
}

/// Returns which altered settings the running daemon cannot take over.
std::vector<std::string> Reloader::not_before_restart(const config::ServerSettings& wanted) const
{
    std::vector<std::string> keys;
    const auto compare = [&](std::string_view key, bool same) {
        if (!same)
            keys.push_back("server." + std::string(key));
    };
    const bool engine_is_passed = listeners_.engine.is_passed();
    const bool fastagi_is_passed = listeners_.fastagi && listeners_.fastagi->is_passed;
    const bool http_is_passed = listeners_.http && listeners_.http->is_passed;
    compare("socket", engine_is_passed || wanted.socket == started_with_.socket);
    compare("socket_mode", engine_is_passed || wanted.socket_mode == started_with_.socket_mode);
    compare("socket_group", engine_is_passed || wanted.socket_group == started_with_.socket_group);
    compare("control", listeners_.control.is_passed() || wanted.control == started_with_.control);
    compare("http", http_is_passed || wanted.http.listen == started_with_.http.listen);
    compare("fastagi", fastagi_is_passed || wanted.fastagi.listen == started_with_.fastagi.listen);
    compare("engine_http.listen", wanted.engine_http.listen == started_with_.engine_http.listen);
    compare("spool", wanted.spool.file == started_with_.spool.file);
    compare("threads", wanted.threads == started_with_.threads);
    compare("log.format", wanted.log.format == started_with_.log.format);
    compare("log.file", wanted.log.file == started_with_.log.file);
    return keys;
}

/// Runs on the loading thread: a disk may be slow.
void Reloader::keep(config::SourceTexts files)
{
    if (last_good_ == nullptr)
        return;
    net::asio::post(loading_, [this, saved = config::SavedConfiguration{in_force_.since, std::move(files)}]() mutable {
        const Pace pace;
        if (const auto fault = last_good_->keep(std::move(saved)))
            log_.write(log::Level::warning,
                       "the configuration in force cannot be kept; a start with a faulty one would have none to fall "
                       "back on",
                       {{"detail", *fault}});
    });
}

/// Reads on the loading thread, where a large configuration that was read is deleted too.
void Reloader::check(std::optional<std::string> file, std::function<void(control::CheckOutcome)> done)
{
    std::filesystem::path path = file ? std::filesystem::path(*std::move(file)) : loader_.file();
    net::asio::post(loading_, [this, path = std::move(path), done = std::move(done)]() mutable {
        const Pace pace;
        auto outcome = outcome_of(path, read(path));
        net::asio::post(context_,
                        [outcome = std::move(outcome), done = std::move(done)]() mutable { done(std::move(outcome)); });
    });
}

/// Runs on the loading thread, and so looks at nothing that a reload changes.
control::CheckOutcome Reloader::outcome_of(const std::filesystem::path& file, const Read& checked) const
{
    control::CheckOutcome outcome;
    outcome.file = file.string();
    outcome.has_faults = checked.has_error();
    const config::Faults& found = checked ? checked->snapshot->configuration().warnings : checked.error();
    outcome.summary = config::counted(found);
    for (const config::Fault& one : found)
        (one.is_warning ? outcome.warnings : outcome.faults).push_back(one.str());
    if (!checked)
        return outcome;
    const config::Configuration& configuration = checked->snapshot->configuration();
    outcome.webhooks = configuration.webhooks.size();
    outcome.dialplans = configuration.dialplans.plans().size();
    for (const std::string& key : not_before_restart(configuration.server))
        outcome.warnings.push_back(key + " would change only at a restart");
    for (std::string& message : listeners_.overruled(configuration.server))
        outcome.warnings.push_back(std::move(message));
    return outcome;
}

/// Reads on the loading thread, as `check` does.
void Reloader::rehearse(std::function<void(control::RehearsalOutcome)> done)
{
    net::asio::post(loading_, [this, before = snapshot_, done = std::move(done)]() mutable {
        const Pace pace;
        control::RehearsalOutcome outcome;
        {
            const Read read = loader_.rehearse();
            outcome.found = outcome_of(loader_.file(), read);
            if (read) {
                const config::Configuration& wanted = read->snapshot->configuration();
                outcome.changes = config::changes_between(before->configuration(), wanted);
                if (config::names_certificates(wanted))
                    outcome.found.warnings.emplace_back(
                        "the files of certificates and keys that it names are not compared; a reload reads them again");
            }
        }
        before.reset();
        net::asio::post(context_,
                        [outcome = std::move(outcome), done = std::move(done)]() mutable { done(std::move(outcome)); });
    });
}

void Reloader::retire(std::shared_ptr<const dispatch::Snapshot> snapshot)
{
    retired_.push_back(std::move(snapshot));
    bury_retired();
}

void Reloader::bury_retired()
{
    std::erase_if(retired_, [&](auto& snapshot) {
        if (snapshot.use_count() > 1)
            return false;
        net::asio::post(loading_, [last = std::move(snapshot)]() mutable {
            const Pace pace;
            last.reset();
        });
        return true;
    });
    if (retired_.empty() || draining_)
        return;
    retirement_.expires_after(retirement_check);
    retirement_.async_wait([this](net::error_code error) {
        if (!error)
            bury_retired();
    });
}

void Reloader::drain()
{
    draining_ = true;
    retirement_.cancel();
}

} // namespace dialhook::daemon
