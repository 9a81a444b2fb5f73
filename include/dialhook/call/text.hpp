#pragma once

#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>

/// Text from outside (PBX, caller, web server) made safe once, at the border.
namespace dialhook::text {

/// Whether `bytes` is well-formed UTF-8 (RFC 3629: no overlong forms, no surrogates, at most U+10FFFF).
bool is_utf8(std::string_view bytes);

/// `bytes` as it stands if it is UTF-8, else read as ISO 8859-1 and converted, so that the result always is UTF-8.
std::string utf8_or_latin1(std::string bytes);

/// `utf8` without control characters (Unicode category Cc: U+0000 to U+001F, U+007F to U+009F).
std::string without_controls(std::string utf8);

/// Whether `utf8` holds a control character (category Cc).
bool has_controls(std::string_view utf8);

/// The first `limit` code points of `utf8`.
std::string_view first_code_points(std::string_view utf8, std::size_t limit);

/// As much of `utf8` as fits into `limit` bytes and ends with a whole code point.
std::string_view first_bytes(std::string_view utf8, std::size_t limit);

/// `text` without ASCII white space (space, tab, line ends, form feed, vertical tab) at both ends.
std::string_view trimmed(std::string_view text);

/// Of texts of one length, what `equals_ignoring_case` says.
bool letters_equal(std::string_view left, std::string_view right);

/// Compares ASCII letters in any case, all other bytes as they are.
inline bool equals_ignoring_case(std::string_view left, std::string_view right)
{
    if (left.size() != right.size())
        return false;
    return left == right || letters_equal(left, right); // nearly always they are written alike
}

/// `text == literal`, compared in registers: the standard library calls `memcmp` for every few letters.
template <std::size_t Size>
bool is(std::string_view text, const char (&literal)[Size])
{
    return text.size() == Size - 1 && std::memcmp(text.data(), literal, Size - 1) == 0;
}

/// Value of a hexadecimal digit, or -1.
int hex_value(char digit);

} // namespace dialhook::text
