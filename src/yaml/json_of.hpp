#pragma once

#include "yaml/value.hpp"

#include <string>
#include <string_view>

namespace dialhook::config {

/// Appends `value`, whatever its shape, as JSON. Plain scalars follow the core schema of YAML 1.2, but one with a
/// leading zero or `+` stays text, since it is a telephone number; a text with a control character is a fault.
void append_json(std::string& out, const Value& value);

/// Appends a scalar as JSON text, quoted or not.
void append_json_text(std::string& out, const Value& scalar);

/// Returns what a plain scalar that is a number reads in JSON, or nothing: it stays text.
std::string json_number(std::string_view plain);

} // namespace dialhook::config
