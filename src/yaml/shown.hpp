#pragma once

#include <cstdint>
#include <string>
#include <string_view>

/// How faults show what they found.
namespace dialhook::config {

/// Returns `text` in double quotes, cut when long, control characters as `?`. What holds an `@` may be a URL with a
/// password: it is not shown, and neither is the rest.
std::string in_quotes(std::string_view text);

/// Returns the same of a key, where a file that is no configuration may have anything: a text that no key looks like is
/// not shown, such as a line of /etc/shadow.
std::string key_in_quotes(std::string_view key);

/// Returns `1,000,000`.
std::string grouped(std::uint64_t number);

/// Returns `text` as Markdown shows code.
std::string code(std::string_view text);

} // namespace dialhook::config
