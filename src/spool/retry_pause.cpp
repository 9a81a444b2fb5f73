#include "spool/retry_pause.hpp"

#include <array>

namespace dialhook::spool {

std::chrono::milliseconds retry_pause(unsigned attempts, std::uint_fast32_t random)
{
    using namespace std::chrono_literals;
    constexpr std::array<std::chrono::milliseconds, 5> first{1s, 5s, 30s, 2min, 10min};
    constexpr std::chrono::milliseconds jitter = 5min;
    if (attempts <= first.size())
        return first.at(attempts - 1);
    return 1h - jitter + std::chrono::milliseconds(random % (2 * jitter.count() + 1));
}

} // namespace dialhook::spool
