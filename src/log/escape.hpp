#pragma once

#include "base/appender.hpp"

#include <string_view>

/// Text of unknown origin made harmless for one line of a log: what could end the line, move a terminal's cursor,
/// reverse its direction of writing or end a quotation is escaped, and invalid UTF-8 does not get through.
namespace dialhook::log {

/// Appends the text as it stands if it is one plain word, else in quotes. A byte that is no UTF-8 becomes \xHH.
void append_value(Appender& out, std::string_view text);

/// Appends the same, but several words need no quotes: nothing precedes a message that they could be mistaken for.
void append_message(Appender& out, std::string_view text);

/// Appends a JSON string, with its quotes. A byte that is no UTF-8 becomes U+FFFD.
void append_json(Appender& out, std::string_view text);

} // namespace dialhook::log
