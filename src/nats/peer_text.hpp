#pragma once

#include "base/json_reader.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace dialhook::nats {

/// Levels of JSON that a server may send.
inline constexpr std::size_t max_json_depth = 16;

/// What a server says for people is cut after so many bytes.
inline constexpr std::size_t max_peer_text = 256;

/// Returns `bytes` of a server as they may stand in a log: UTF-8 without control characters, cut at `max_peer_text`.
std::string peer_text(std::string_view bytes);

/// Reads a string of JSON as `peer_text`; what is no string is passed over and changes nothing.
void read_peer_text(JsonReader& reader, std::string& value);

} // namespace dialhook::nats
