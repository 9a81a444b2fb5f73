#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace dialhook {

/// Reads a date-time of RFC 3339, section 5.6, with its offset: `2026-07-29T15:04:05.123+02:00`,
/// `2026-07-29t13:04:05z`. Digits beyond nanoseconds are cut off, and a leap second counts as the second after it.
/// Returns nullopt for all else, and for years outside 1970 to 2261, which `system_clock` cannot hold.
std::optional<std::chrono::system_clock::time_point> from_rfc3339(std::string_view text);

} // namespace dialhook
