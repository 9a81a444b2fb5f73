#pragma once

#include <cstddef>
#include <string>
#include <string_view>

/// Commands to a channel, each a line without its end. Every argument is quoted, so that nothing in it can become a
/// second argument or a second command; Asterisk expands nothing in it.
namespace dialhook::fastagi::command {

/// Asterisk reads a longer line as two commands; a value that makes it longer is cut at a character.
inline constexpr std::size_t max_argument = 4000;

/// Between quotes, `"` and `\` escaped, line ends and other control characters left out.
std::string quoted(std::string_view utf8);

std::string set_variable(std::string_view name, std::string_view value);
std::string exec(std::string_view application, std::string_view arguments);
std::string stream_file(std::string_view file, std::string_view escape_keys);
std::string get_data(std::string_view file, long long timeout_ms, unsigned max_digits);
std::string wait_for_digit(long long timeout_ms);
std::string verbose(std::string_view message);

} // namespace dialhook::fastagi::command
