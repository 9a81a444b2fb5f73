#pragma once

#include <chrono>
#include <cstdint>

namespace dialhook::spool {

/// The longest that a web server may ask to be left alone for (`Retry-After`).
inline constexpr std::chrono::hours max_retry_after{1};

/// Returns how long to wait after `attempts` attempts (at least 1) failed: 1 s, 5 s, 30 s, 2 min, 10 min, and then an
/// hour, give or take five minutes, so that what failed together does not come back together.
std::chrono::milliseconds retry_pause(unsigned attempts, std::uint_fast32_t random);

} // namespace dialhook::spool
