#include "log/writer.hpp"

#include <pthread.h>
#include <string>
#include <utility>

namespace dialhook::log {
namespace {

constexpr std::chrono::milliseconds between_looks{25};

} // namespace

Writer::Writer(const Log::Options& options)
    : output_(std::make_shared<Output>(
          options, feeds_, [this] { return dropped_by_queue(); }, abandoned_))
{
    pool_ = std::make_shared<spdlog::details::thread_pool>(
        capacity, 1, [] { ::pthread_setname_np(::pthread_self(), "dialhook-log"); });
    logger_ = std::make_shared<spdlog::async_logger>(std::string(), output_, pool_,
                                                     spdlog::async_overflow_policy::overrun_oldest);
    logger_->set_level(spdlog::level::trace); // Log has judged it
    logger_->flush_on(spdlog::level::trace);
    logger_->set_error_handler(
        [this](const std::string&) { output_->count_dropped(); }); // spdlog's own writes to stderr
    thread_ = std::thread([this] {
        ::pthread_setname_np(::pthread_self(), "dialhook-feeds");
        empty_feeds();
    });
}

void Writer::write(const Record& record)
{
    TimeText times;
    std::string entry;
    output_->append_entry(entry, record, times);
    logger_->log(record.time, spdlog::source_loc(), record.level, entry);
}

void Writer::finish()
{
    std::shared_ptr<spdlog::details::thread_pool> pool;
    {
        const std::lock_guard lock(pool_mutex_);
        dropped_by_ended_queue_ = pool_->overrun_counter();
        pool = std::move(pool_);
    }
    pool.reset(); // waits until the queue is empty
    stopping_ = true;
    feeds_.wake_up().wake();
    thread_.join();
}

std::uint64_t Writer::dropped_by_queue()
{
    const std::lock_guard lock(pool_mutex_);
    return pool_ == nullptr ? dropped_by_ended_queue_ : pool_->overrun_counter();
}

void Writer::empty_feeds()
{
    while (true) {
        const bool last = stopping_;
        const bool worked = !feeds_.are_empty();
        output_->flush();
        if (last || abandoned_)
            break;
        rest(worked);
    }
}

/// After a turn that found records more are likely to come: the thread dozes, and they need not ring.
void Writer::rest(bool worked)
{
    auto& wake_up = feeds_.wake_up();
    const auto state = worked ? WakeUp::dozing : WakeUp::asleep;
    wake_up.announce(state);
    if (!stopping_ && (worked || feeds_.are_empty()))
        wake_up.rest(state, between_looks);
    wake_up.announce(WakeUp::awake);
}

} // namespace dialhook::log
