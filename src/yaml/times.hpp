#pragma once

#include <boost/system/result.hpp>

#include <chrono>
#include <string>
#include <string_view>

namespace dialhook::config {

/// Why a text is no time.
enum class TimeFault : unsigned char
{
    form, ///< not a number with an optional unit
    negative,
    too_fine, ///< a part of a millisecond
    too_long  ///< over `max_time`
};

/// No setting needs more, and sums of such times cannot overflow.
inline constexpr std::chrono::milliseconds max_time = std::chrono::hours(24);

/// How faults and the manual describe a time.
inline constexpr std::string_view time_examples = "a time such as 250ms, 1.5s, 2m or 1h (a bare number is seconds)";

/// Reads `250ms`, `1.5s`, `2m`, `1h`, or a bare number of seconds. Exact: no floating point on the way.
boost::system::result<std::chrono::milliseconds, TimeFault> parse_time(std::string_view text);

/// Returns the time in the largest unit that needs no fraction: `5s`, `1500ms`.
std::string show(std::chrono::milliseconds time);

} // namespace dialhook::config
