#include "encoding.hpp"
#include "log/repeats.hpp"
#include "writer.hpp"

#include <dialhook/log/log.hpp>

#include <sys/stat.h>

#include <csignal>
#include <exception>
#include <pthread.h>
#include <string>
#include <vector>

namespace dialhook::log {
namespace {

static_assert(longest_record + 8 <= Lane::default_capacity / 2, "an empty lane takes every record");

/// Signals are for the threads that expect them, and SIGPIPE of a closed output is for nobody.
class AllSignalsBlocked
{
public:
    AllSignalsBlocked()
    {
        sigset_t all;
        ::sigfillset(&all);
        ::pthread_sigmask(SIG_SETMASK, &all, &before_);
    }
    ~AllSignalsBlocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

    AllSignalsBlocked(const AllSignalsBlocked&) = delete;
    AllSignalsBlocked& operator=(const AllSignalsBlocked&) = delete;

private:
    sigset_t before_{};
};

} // namespace

Format automatic_format(int fd, const char* journal_stream)
{
    struct stat file
    {
    };
    if (journal_stream == nullptr || ::fstat(fd, &file) != 0)
        return Format::text;
    const auto name = std::to_string(file.st_dev) + ":" + std::to_string(file.st_ino);
    return journal_stream == name ? Format::journal : Format::text;
}

Log::Log(const Options& options)
    : level_(options.level)
    , flush_limit_(options.flush_limit)
    , repeats_(std::make_unique<Repeats>())
    , writer_(std::make_shared<Writer>(options.format, options.fd))
{
    const AllSignalsBlocked during_start;
    thread_ = std::thread([writer = writer_] {
        ::pthread_setname_np(::pthread_self(), "dialhook-log");
        writer->run();
    });
}

Log::~Log()
{
    if (writer_->stop(flush_limit_))
        thread_.join();
    else
        thread_.detach();
}

void Log::write(Level level, std::string_view message, std::span<const Field> fields) noexcept
{
    if (!wants(level))
        return;

    auto* const lane = writer_->lane();
    if (lane == nullptr) {
        writer_->drop();
        return;
    }
    auto* const place = lane->reserve(encoded_size(message, fields));
    if (place == nullptr)
        return;
    encode(place, {std::chrono::system_clock::now(), level, message, fields});
    lane->publish();
    writer_->published(*lane);
}

void Log::write_summed(Level level, std::string_view message, std::string_view kind,
                       std::initializer_list<Field> fields) noexcept
try {
    if (!wants(level))
        return;
    const auto count = repeats_->next(message, kind, Repeats::Clock::now());
    if (!count)
        return;
    std::vector<Field> all(fields);
    if (*count > 1)
        all.push_back({"repeated", *count});
    write(level, message, all);
} catch (const std::exception&) { // no memory for the sum: the record itself needs none
    write(level, message, fields);
}

std::uint64_t Log::dropped() const
{
    return writer_->dropped();
}

std::uint64_t Log::wakeups() const
{
    return writer_->wakeups();
}

} // namespace dialhook::log
