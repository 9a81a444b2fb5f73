#pragma once

#include "latency.hpp"

#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace dialhook::bench {

using Clock = std::chrono::steady_clock;

/// How long a run starts calls: whichever of the two is reached first.
struct Limit
{
    std::chrono::nanoseconds duration = std::chrono::hours{1};
    std::uint64_t calls = std::numeric_limits<std::uint64_t>::max();
};

/// One call that was answered.
struct Answered
{
    Clock::time_point started;
    std::chrono::nanoseconds taken;
};

/// What one run saw.
struct Outcome
{
    Latency latency; ///< of every call answered, from its start to just after its answer is read
    std::optional<std::vector<Answered>>
        each;                              ///< every one of them, in the order of the answers, if that was asked for
    std::uint64_t errors = 0;              ///< answers that were not the right one for their call
    std::vector<std::string> first_errors; ///< a few of them, to look at
    std::string broken_off;             ///< why the run ended early: the peer closed, or fell silent; empty: it did not
    std::chrono::nanoseconds elapsed{}; ///< from the first request to the last answer
    std::chrono::nanoseconds own_cpu{}; ///< that the load generator used itself meanwhile
};

} // namespace dialhook::bench
