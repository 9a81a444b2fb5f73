#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

namespace dialhook::log {

/// How the writer rests and how it is called. A futex wake for each record would cost more than all the rest of a call,
/// so the writer says how deep it rests, and most records find that they need not ring.
///
/// No call is lost: a producer publishes and then looks at the state; the writer sets the state and then looks at the
/// feeds. Both do it sequentially consistent, so at least one of the two sees what the other did.
class WakeUp
{
public:
    enum State : std::uint32_t
    {
        awake,
        dozing, ///< comes by itself; called only when a ring fills up
        asleep, ///< waits to be called
    };

    // --- Any thread.

    State state() const { return static_cast<State>(state_.load(std::memory_order_seq_cst)); }

    /// Wakes the writer, by a system call unless it is awake or somebody else just called.
    void wake();

    // --- The writer.

    /// To be followed by a last look at the feeds, and `rest` if they are empty.
    void announce(State state) { state_.store(state, std::memory_order_seq_cst); }

    /// Returns when somebody rang since `announce(state)`, or, when dozing, after `limit`. Spurious returns happen.
    void rest(State state, std::chrono::nanoseconds limit);

private:
    std::atomic<std::uint32_t> state_ = awake;
    static_assert(std::atomic<std::uint32_t>::is_always_lock_free && sizeof(std::atomic<std::uint32_t>) == 4);
};

} // namespace dialhook::log
