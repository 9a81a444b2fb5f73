#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace dialhook::net {

/// Returns the `timeout` of a Keep-Alive field, such as `timeout=5, max=100` (RFC 2068, 19.7.1).
std::optional<std::chrono::seconds> keep_alive_timeout(std::string_view field);

} // namespace dialhook::net
