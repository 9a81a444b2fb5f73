#pragma once

#include "yaml/value.hpp"

#include <sys/types.h>

#include <optional>

/// Users and groups of the system, by name or number. A number needs no entry in the system's lists.
namespace dialhook::config {

std::optional<uid_t> read_user(const Value& value);
std::optional<gid_t> read_group(const Value& value);

} // namespace dialhook::config
