#pragma once

#include <chrono>

namespace dialhook {

/// Lets calls have the processor while the calling thread does long work: as long as it lives, the thread sleeps a
/// moment after each slice. Without it, a busy call could wait for the scheduler's tick, 4 ms, again and again.
///
/// A lower priority would do as well, but takes a permission that the daemon can do without.
class Pace
{
public:
    Pace();
    ~Pace();
    Pace(const Pace&) = delete;
    Pace& operator=(const Pace&) = delete;

    /// Sleeps if the thread has a pace and its slice is over. Called between pieces of work that take microseconds, and
    /// never while a lock is held.
    static void between_pieces();

private:
    using Clock = std::chrono::steady_clock;

    static constexpr std::chrono::microseconds slice{500};
    static constexpr std::chrono::microseconds pause{200};

    static thread_local Pace* of_this_thread;

    Clock::time_point slice_ends_ = Clock::now() + slice;
};

} // namespace dialhook
