#pragma once

#include <cstdint>

namespace dialhook::spool {

/// What became of deliveries since the start.
struct Results
{
    std::uint64_t delivered = 0;
    std::uint64_t failed = 0; ///< attempts
    std::uint64_t expired = 0;
    std::uint64_t dropped = 0; ///< beyond the limit of what may wait

    bool operator==(const Results&) const = default;
};

} // namespace dialhook::spool
