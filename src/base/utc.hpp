#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace dialhook::status {

/// Writes a time as `2026-11-28T18:00:00Z`.
std::string utc(std::chrono::system_clock::time_point at);

/// Returns a time as the control socket and the status page have it.
std::int64_t milliseconds_since_1970(std::chrono::system_clock::time_point at);

} // namespace dialhook::status
