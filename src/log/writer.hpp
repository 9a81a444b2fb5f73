#pragma once

#include "doorbell.hpp"
#include "lane.hpp"
#include "output.hpp"

#include <dialhook/log/log.hpp>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

namespace dialhook::log {

/// The half of a log that its threads share: the lanes, and the loop that empties them.
class Writer
{
public:
    Writer(Format format, int fd);

    /// Of the calling thread, made if there is none yet; null if it cannot be made.
    Lane* lane() noexcept;

    /// To be called after `Lane::publish`.
    void published(Lane& lane) noexcept;

    /// Counts a record that found no lane.
    void drop() noexcept { without_lane_.fetch_add(1, std::memory_order_relaxed); }

    /// The writer thread: returns after `stop`, when everything is out.
    void run();

    /// Waits until `run` is through, at most so long; then what is left is lost. Whether it is through.
    bool stop(std::chrono::milliseconds limit);

    std::uint64_t dropped() const;
    std::uint64_t wakeups() const { return wakeups_.load(std::memory_order_relaxed); }

private:
    /// A lane as the writer goes through it in one turn.
    struct Reading
    {
        Lane* lane;
        std::uint64_t head; // what comes later waits for the next turn, so that a turn ends
        bool ended;
        std::span<const unsigned char> front;
    };

    void add_lane_of_this_thread();
    bool turn();
    void look_at_lanes();
    Reading* oldest();
    void report_drops();
    void forget_ended_lanes();
    bool nothing_to_do();
    void rest(bool worked);

    const std::uint64_t id_;
    Doorbell bell_;
    std::atomic<bool> stopping_ = false;
    std::atomic<bool> abandoned_ = false;
    std::atomic<std::uint64_t> wakeups_ = 0;
    std::atomic<std::uint64_t> without_lane_ = 0;
    std::atomic<std::uint64_t> refused_ = 0; // by the output

    mutable std::mutex lanes_mutex_; // for the list; never taken on the way of a record
    std::vector<std::shared_ptr<Lane>> lanes_;
    std::uint64_t dropped_by_ended_lanes_ = 0;

    std::mutex through_mutex_;
    std::condition_variable through_changed_;
    bool through_ = false;

    // The writer thread's own.
    Output output_;
    std::vector<Reading> readings_;
    std::vector<Field> fields_;
    std::uint64_t reported_ = 0;
};

} // namespace dialhook::log
