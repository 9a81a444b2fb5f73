#pragma once

#include "yaml/value.hpp"

#include <optional>
#include <string>

namespace dialhook::config {

/// Reads free text for people as one line. Returns nullopt after a fault.
std::optional<std::string> read_description(const Value& value);

} // namespace dialhook::config
