#pragma once

#include <string>
#include <string_view>

/// Percent-encoding (RFC 3986) and form encoding (application/x-www-form-urlencoded).
namespace dialhook::percent {

/// Appends `value` as a URI component: unreserved characters stay, every other byte becomes `%XX`.
void append_encoded(std::string& out, std::string_view value);

enum class Plus : unsigned char
{
    stays,
    is_space
};

/// Decodes `%XX`; a broken escape is kept as text.
std::string decoded(std::string_view text, Plus plus);

/// Returns whether `text` has a whole escape (`%` and two hexadecimal digits) at `index`.
bool is_escape(std::string_view text, std::size_t index);

} // namespace dialhook::percent
