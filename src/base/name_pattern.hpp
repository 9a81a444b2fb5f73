#pragma once

#include <string_view>

namespace dialhook {

/// Returns whether somebody who wrote `pattern` means `name`. With `*` (any characters, or none) or `?` (one) in it, it
/// is the whole name; without them, a part of it. Upper and lower case are the same. Bytes count, not letters.
bool matches(std::string_view name, std::string_view pattern);

} // namespace dialhook
