#pragma once

#include <chrono>
#include <string>

namespace dialhook::status {

/// Writes a time as `2026-11-28T18:00:00Z`.
std::string utc(std::chrono::system_clock::time_point at);

} // namespace dialhook::status
