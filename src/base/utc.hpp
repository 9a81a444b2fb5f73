#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace dialhook {

/// How many characters `put_utc_second` writes.
inline constexpr std::size_t utc_second_size = std::string_view("2026-11-28T18:00:00").size();

/// Writes `second` in UTC as RFC 3339 has it, without its `Z`, and returns the place after it. The year has four
/// digits.
char* put_utc_second(char* place, std::chrono::sys_seconds second);

/// Returns a time as `2026-11-28T18:00:00Z`; parts of a second are cut off.
std::string utc(std::chrono::system_clock::time_point at);

/// Returns a time as the control socket and the status page have it.
std::int64_t milliseconds_since_1970(std::chrono::system_clock::time_point at);

} // namespace dialhook
