#pragma once

#include <algorithm>
#include <string>
#include <string_view>

/// Letters and digits of ASCII, whatever the locale.
namespace dialhook::ascii {

constexpr bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

constexpr bool is_lower(char byte)
{
    return byte >= 'a' && byte <= 'z';
}

constexpr bool is_upper(char byte)
{
    return byte >= 'A' && byte <= 'Z';
}

constexpr bool is_letter(char byte)
{
    return is_lower(byte) || is_upper(byte);
}

constexpr bool is_alphanumeric(char byte)
{
    return is_letter(byte) || is_digit(byte);
}

/// Returns the small letter of a capital one; all other bytes stay as they are.
constexpr char lower(char byte)
{
    return is_upper(byte) ? static_cast<char>(byte + ('a' - 'A')) : byte;
}

inline std::string lowered(std::string_view text)
{
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(), lower);
    return result;
}

/// Returns whether `byte` may stand in a token, as which HTTP has the names of header fields (RFC 9110, 5.6.2).
constexpr bool is_token_byte(char byte)
{
    return is_alphanumeric(byte) || std::string_view("!#$%&'*+-.^_`|~").find(byte) != std::string_view::npos;
}

constexpr bool is_token(std::string_view text)
{
    return !text.empty() && std::all_of(text.begin(), text.end(), is_token_byte);
}

} // namespace dialhook::ascii
