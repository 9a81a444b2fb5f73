#pragma once

#include <cstdint>

namespace dialhook::dispatch {

/// One of the threads that decide calls, and its part of what all of them have together.
struct ThreadShare
{
    unsigned index = 0; ///< from 0
    unsigned threads = 1;

    /// Those of `total` that are this thread's. The shares of all threads together are `total`, and none is larger than
    /// another by more than one.
    std::uint32_t of(std::uint32_t total) const
    {
        return threads == 1 ? total : total / threads + (index < total % threads ? 1 : 0);
    }
};

} // namespace dialhook::dispatch
