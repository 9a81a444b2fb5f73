#pragma once

#include "webhook/reply_parts.hpp"

#include <string_view>

namespace dialhook {

/// Reads the pairs of `body`, written like the query of a URL, into `parts`.
void read_form(std::string_view body, const ReplyOptions& options, ReplyReading* reading, ReplyParts& parts);

} // namespace dialhook
