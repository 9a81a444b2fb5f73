#pragma once

#include <cstddef>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

/// Text from outside (PBX, caller, web server) made safe once, at the border.
namespace dialhook::text {

/// Returns whether `bytes` is well-formed UTF-8 (RFC 3629: no overlong forms, no surrogates, at most U+10FFFF).
bool is_utf8(std::string_view bytes);

/// Returns the offset of the first byte that is no part of well-formed UTF-8; nullopt if there is none.
std::optional<std::size_t> first_invalid_utf8(std::string_view bytes);

/// Returns the length of the well-formed UTF-8 sequence that starts at `index` of `bytes`, or 0.
std::size_t sequence_length(std::string_view bytes, std::size_t index);

/// Returns `bytes` in UTF-8, whatever they are: UTF-8 as it stands, UTF-8 that was cut inside its last character
/// without the rest of it, and all else as Windows-1252, which is what the label ISO-8859-1 means on the web (WHATWG
/// Encoding Standard).
std::string utf8_or_windows_1252(std::string bytes);

/// Returns the code point that starts at `index` of well-formed `utf8`.
char32_t code_point_at(std::string_view utf8, std::size_t index);

/// Returns the length in bytes of the code point that starts at `index` of well-formed `utf8`: 1 to 4.
std::size_t code_point_length(std::string_view utf8, std::size_t index);

/// Appends `code_point`, a scalar value of Unicode, as UTF-8.
void append_code_point(std::string& utf8, char32_t code_point);

/// Returns how Unicode writes `code_point`: `U+00A0`.
std::string code_point_name(char32_t code_point);

/// Returns `utf8` without control characters (Unicode category Cc: U+0000 to U+001F, U+007F to U+009F).
std::string without_controls(std::string utf8);

/// Returns whether `utf8` holds a control character (category Cc).
bool has_controls(std::string_view utf8);

/// Returns whether `code_point` steers what shows it instead of being shown: control characters, line and paragraph
/// separators, what changes the direction of writing (`Bidi_Control`), and the byte-order mark.
bool steers_display(char32_t code_point);

/// Returns the first `limit` code points of `utf8`.
std::string_view first_code_points(std::string_view utf8, std::size_t limit);

/// Returns as much of `utf8` as fits into `limit` bytes and ends with a whole code point.
std::string_view first_bytes(std::string_view utf8, std::size_t limit);

/// Returns `text` without ASCII white space (space, tab, line ends, form feed, vertical tab) at both ends.
std::string_view trimmed(std::string_view text);

/// U+FEFF in UTF-8. Each file that a script includes may add one.
inline constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

/// Returns `text` without white space and byte-order marks at both ends, in whatever order they stand.
std::string_view trimmed_of_marks(std::string_view text);

/// Returns what `equals_ignoring_case` says, of texts of one length.
bool letters_equal(std::string_view left, std::string_view right);

/// Compares ASCII letters in any case, all other bytes as they are.
inline bool equals_ignoring_case(std::string_view left, std::string_view right)
{
    if (left.size() != right.size())
        return false;
    return left == right || letters_equal(left, right); // nearly always they are written alike
}

/// Returns `text == literal`, compared in registers: the standard library calls `memcmp` for every few letters.
template <std::size_t Size>
bool is(std::string_view text, const char (&literal)[Size])
{
    return text.size() == Size - 1 && std::memcmp(text.data(), literal, Size - 1) == 0;
}

/// Returns the value of a hexadecimal digit, or -1.
int hex_value(char digit);

} // namespace dialhook::text
