#pragma once

#include "log/feeds.hpp"
#include "log/log.hpp"
#include "log/output.hpp"

#include <spdlog/async_logger.h>
#include <spdlog/details/thread_pool.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>

namespace dialhook::log {

/// What the log's threads share: spdlog's queue and its thread, and the thread that empties the feeds.
class Writer
{
public:
    /// Starts both threads. Throws std::system_error.
    explicit Writer(const Log::Options& options);

    Feeds& feeds() { return feeds_; }
    Output& output() { return *output_; }

    /// Queues a record; gives the oldest one up where there is no room. Throws std::bad_alloc.
    void write(const Record& record);

    /// Puts out what was written, waiting as long as the output takes, and ends the threads.
    void finish();

    /// Nobody waits for the rest any more.
    void abandon() { abandoned_ = true; }

private:
    /// So many records wait at most: half a megabyte, as long as their text is short.
    static constexpr std::size_t capacity = 2048;

    void empty_feeds();
    void rest(bool worked);
    std::uint64_t dropped_by_queue();

    Feeds feeds_;
    std::atomic<bool> stopping_{false};
    std::atomic<bool> abandoned_{false};

    std::mutex pool_mutex_; // for the pointer and the figure
    std::shared_ptr<spdlog::details::thread_pool> pool_;
    std::uint64_t dropped_by_ended_queue_ = 0;

    std::shared_ptr<Output> output_;
    std::shared_ptr<spdlog::async_logger> logger_;
    std::thread thread_;
};

} // namespace dialhook::log
