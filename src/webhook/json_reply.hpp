#pragma once

#include "webhook/reply_parts.hpp"

#include <optional>
#include <string_view>

namespace dialhook {

/// Reads the members of `body`, a JSON text, that `options` name, into `parts`. Returns why it is none, if it is.
std::optional<BadReply> read_json(std::string_view body, const ReplyOptions& options, ReplyReading* reading,
                                  ReplyParts& parts);

} // namespace dialhook
