#pragma once

#include "base/appender.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace dialhook {

/// Appends `utf8` as a JSON string (RFC 8259), quotes included. What is not UTF-8 would make the text invalid JSON:
/// the caller has checked it.
void append_json_string(Appender& out, std::string_view utf8);
void append_json_string(std::string& out, std::string_view utf8);

/// Appends `code`, of the Basic Multilingual Plane, as JSON escapes it: `\n`, `\"`, `\u202e`.
void append_json_escape(Appender& out, char32_t code);

/// Returns how many bytes at the start of `text` stand for themselves in a JSON string: all but quotation marks,
/// backslashes and control characters below U+0020.
std::size_t plain_json_run(std::string_view text);

} // namespace dialhook
