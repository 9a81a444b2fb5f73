#pragma once

#include <cstdint>

namespace dialhook::dispatch {

/// Identifies a worker thread, and computes its share of a limit of all workers.
struct ThreadShare
{
    unsigned index = 0; ///< from 0
    unsigned threads = 1;

    /// Returns this thread's share of `total`. The shares add up to `total` and differ by at most one.
    std::uint32_t of(std::uint32_t total) const
    {
        return threads == 1 ? total : total / threads + (index < total % threads ? 1 : 0);
    }
};

} // namespace dialhook::dispatch
