#pragma once

#include <cstdint>

namespace dialhook::dispatch {

/// Identifies a thread that dispatches, and computes its share of a limit of all workers.
struct ThreadShare
{
    static constexpr unsigned behind_calls = ~0U; ///< index of the thread for what no call waits for

    unsigned index = 0; ///< of a worker, from 0
    unsigned threads = 1;

    /// Returns the share of the thread that dispatches what no call waits for: no worker dispatches the same webhooks,
    /// so it has all of their limits.
    static constexpr ThreadShare of_thread_behind_calls() { return {behind_calls, 1}; }

    /// Returns this thread's share of `total`. The shares add up to `total` and differ by at most one.
    std::uint32_t of(std::uint32_t total) const
    {
        return threads == 1 ? total : total / threads + (index < total % threads ? 1 : 0);
    }
};

} // namespace dialhook::dispatch
