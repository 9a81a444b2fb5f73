#pragma once

#include "yaml/value.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace dialhook::config {

/// Reads `vars`: names of what engines send along with a call.
std::vector<std::string> read_vars(const Value& value);

/// Returns the JSON Schema of `vars`.
std::string_view vars_schema();

} // namespace dialhook::config
