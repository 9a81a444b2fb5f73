#pragma once

#include "nats/server_message.hpp"

#include <optional>
#include <string_view>

namespace dialhook::nats {

/// Reads the JSON object of an INFO. Returns nullopt if it is none.
std::optional<Info> read_info(std::string_view json);

} // namespace dialhook::nats
