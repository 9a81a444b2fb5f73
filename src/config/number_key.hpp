#pragma once

#include <string_view>

namespace dialhook::config {

/// Returns what is wrong with `key` as a number that is called, or as the start of such numbers and a `*`; empty:
/// nothing.
std::string_view fault_of_number(std::string_view key);

} // namespace dialhook::config
