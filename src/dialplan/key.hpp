#pragma once

#include <cstddef>

namespace dialhook::dialplan {

/// Bytes of a dialplan's key, at most: the number as the configuration writes it, a pattern, or `default`.
inline constexpr std::size_t max_key = 256;

} // namespace dialhook::dialplan
