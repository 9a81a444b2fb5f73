#pragma once

#include "webhook/reply_parts.hpp"

#include <string_view>

namespace dialhook {

/// Reads the members of `body`, a JSON text, that `options` name.
boost::system::result<ReplyParts, BadReply> read_json(std::string_view body, const ReplyOptions& options,
                                                      ReplyReading* reading);

} // namespace dialhook
