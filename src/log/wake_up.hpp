#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

namespace dialhook::log {

/// Sleep and wake-up of the log's thread. A futex wake for each record would cost more than the rest of a call, so the
/// thread says how deeply it sleeps, and most records need no wake-up.
///
/// No wake-up is missed: a producer publishes and then reads the state; the thread sets the state and then reads the
/// feeds. All of it is sequentially consistent, so that at least one of the two sees what the other did.
class WakeUp
{
public:
    enum State : std::uint32_t
    {
        awake,
        dozing, ///< wakes up by itself; woken only when a ring fills up
        asleep, ///< waits to be woken
    };

    // --- Any thread.

    State state() const { return static_cast<State>(state_.load(std::memory_order_seq_cst)); }

    /// Wakes the thread. Makes a system call unless it is awake or was just woken.
    void wake();

    // --- The log's thread.

    /// Sets the state. A last check of the feeds must follow, and `rest` if they are empty.
    void announce(State state) { state_.store(state, std::memory_order_seq_cst); }

    /// Returns after a wake-up since `announce(state)`, or, when dozing, after `limit`. May return spuriously.
    void rest(State state, std::chrono::nanoseconds limit);

private:
    std::atomic<std::uint32_t> state_ = awake;
    static_assert(std::atomic<std::uint32_t>::is_always_lock_free && sizeof(std::atomic<std::uint32_t>) == 4);
};

} // namespace dialhook::log
