#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace dialhook::delivery {

/// Reads the value of a Retry-After header (RFC 9110, 10.2.3): seconds, or a date in one of the three forms of HTTP. A
/// date that is past is 0 s. Returns nullopt if it is neither.
std::optional<std::chrono::seconds> read_retry_after(std::string_view value, std::chrono::system_clock::time_point now);

} // namespace dialhook::delivery
