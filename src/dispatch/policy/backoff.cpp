#include "dispatch/policy/backoff.hpp"

#include <algorithm>

namespace dialhook::dispatch {

std::chrono::milliseconds backoff(unsigned retry, std::uint_fast32_t random)
{
    constexpr std::uint64_t first = 50;
    constexpr std::uint64_t longest = 1000;
    const std::uint64_t span = std::min(first << std::min(retry, 10U), longest);
    return std::chrono::milliseconds(random % (span + 1));
}

} // namespace dialhook::dispatch
