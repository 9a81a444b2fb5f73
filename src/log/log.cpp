#include "log/log.hpp"

#include "base/all_signals_blocked.hpp"
#include "log/rate_limit.hpp"
#include "log/writer.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <list>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace dialhook::log {
namespace {

constexpr std::ptrdiff_t max_fields = 32;

/// Returns `text`, or as much of it as there is room for, which is then in `kept`.
std::string_view shortened(std::string_view text, std::list<std::string>& kept)
{
    constexpr std::size_t longest = 2048;
    constexpr std::string_view mark = "...";
    if (text.size() <= longest)
        return text;
    return kept.emplace_back(text.substr(0, longest - mark.size())) += mark;
}

std::shared_ptr<Writer> start(const Log::Options& options)
{
    const AllSignalsBlocked during_start;
    return std::make_shared<Writer>(options);
}

/// Whether somebody is done, for a thread that waits a limited time for it.
class Done
{
public:
    void say()
    {
        const std::lock_guard lock(mutex_);
        done_ = true;
        changed_.notify_all();
    }

    bool wait(std::chrono::milliseconds limit)
    {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, limit, [this] { return done_; });
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool done_ = false;
};

} // namespace

bool is_journal(int fd, const char* journal_stream)
{
    struct stat file
    {
    };
    if (journal_stream == nullptr || ::fstat(fd, &file) != 0)
        return false;
    return journal_stream == std::to_string(file.st_dev) + ":" + std::to_string(file.st_ino);
}

Log::Log(const Options& options)
    : level_(options.level)
    , flush_limit_(options.flush_limit)
    , rate_limit_(std::make_unique<RateLimit>())
    , writer_(start(options))
{
}

Log::~Log()
{
    const auto done = std::make_shared<Done>();
    std::thread finishing = [&] {
        const AllSignalsBlocked during_start;
        return std::thread([writer = writer_, done] {
            writer->finish();
            done->say();
        });
    }();
    if (done->wait(flush_limit_)) {
        finishing.join();
        return;
    }
    // It stays, and what it needs with it, for as long as it is stuck.
    writer_->abandon();
    finishing.detach();
}

void Log::write(Level level, std::string_view message, std::span<const Field> fields) noexcept
try {
    if (!wants(level))
        return;
    const auto time = std::chrono::system_clock::now();
    std::list<std::string> cut;
    std::vector<Field> kept(fields.begin(), fields.begin() + std::min(std::ssize(fields), max_fields));
    for (auto& field : kept)
        if (const auto* text = field.value.text(); text != nullptr)
            field.value = shortened(*text, cut);
    writer_->write({time, level, shortened(message, cut), kept});
} catch (const std::exception&) {
    writer_->output().count_dropped();
}

void Log::add(std::shared_ptr<Feed> feed)
{
    writer_->feeds().add(std::move(feed));
}

void Log::fed(bool fills) noexcept
{
    writer_->feeds().fed(fills);
}

void Log::write_summed(Level level, std::string_view message, std::string_view kind,
                       std::initializer_list<Field> fields) noexcept
try {
    if (!wants(level))
        return;
    const auto count = rate_limit_->next(message, kind, RateLimit::Clock::now());
    if (!count)
        return;
    std::vector<Field> all(fields);
    if (*count > 1)
        all.push_back({"repeated", *count});
    write(level, message, all);
} catch (const std::exception&) { // no memory for the sum
    write(level, message, fields);
}

std::string Log::reopen()
{
    return writer_->output().reopen();
}

std::uint64_t Log::dropped() const
{
    return writer_->output().dropped();
}

} // namespace dialhook::log
