#include "call/written_number.hpp"

#include "base/ascii.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace dialhook {
namespace {

using Why = RefusedDestination::Why;

constexpr std::size_t max_digits = 32;

using ascii::is_digit;

bool is_opening(char byte)
{
    return byte == '(' || byte == '[' || byte == '{';
}

bool is_closing(char byte)
{
    return byte == ')' || byte == ']' || byte == '}';
}

struct Range
{
    char32_t first;
    char32_t last;
};

/// Spaces (category Zs) and what shows nothing: zero width, direction, variation. They come along when a number is
/// copied from a web page or an address book.
constexpr std::array<Range, 14> blanks = {{
    {' ', ' '},
    {0x00A0, 0x00A0},
    {0x00AD, 0x00AD},
    {0x034F, 0x034F},
    {0x061C, 0x061C},
    {0x1680, 0x1680},
    {0x180E, 0x180E},
    {0x2000, 0x200F},
    {0x202A, 0x202F},
    {0x205F, 0x2064},
    {0x2066, 0x2069},
    {0x3000, 0x3000},
    {0xFE00, 0xFE0F},
    {0xFEFF, 0xFEFF},
}};

/// Category Pd, as far as it is written in numbers, and the minus sign.
constexpr std::array<Range, 10> dashes = {{
    {'-', '-'},
    {0x058A, 0x058A},
    {0x1806, 0x1806},
    {0x2010, 0x2015},
    {0x2043, 0x2043},
    {0x2212, 0x2212},
    {0xFE31, 0xFE32},
    {0xFE58, 0xFE58},
    {0xFE63, 0xFE63},
    {0xFF0D, 0xFF0D},
}};

template <std::size_t Size>
bool is_one_of(const std::array<Range, Size>& ranges, char32_t character)
{
    return std::any_of(ranges.begin(), ranges.end(),
                       [=](const Range& range) { return range.first <= character && character <= range.last; });
}

bool is_separator(char32_t character)
{
    return is_one_of(blanks, character) || is_one_of(dashes, character);
}

bool is_plain(std::string_view text)
{
    return std::all_of(text.begin(), text.end(), [](char c) { return is_digit(c) || c == '+'; });
}

/// Drops spaces, dashes and marks; dots and brackets still tell something.
std::string without_separators(std::string_view written)
{
    std::string kept;
    for (std::size_t at = 0; at < written.size();) {
        const std::size_t length = text::code_point_length(written, at);
        if (!is_separator(text::code_point_at(written, at)))
            kept.append(written, at, length);
        at += length;
    }
    return kept;
}

/// Returns whether it is a dash and digits alone: `-1` is what programs have for "none", and no telephone number.
bool is_negative(std::string_view text)
{
    return text.starts_with('-') && std::all_of(text.begin() + 1, text.end(), is_digit);
}

/// Drops `(0)` after a country code. `text` has no separators.
void drop_national_zero(std::string& text, std::string_view international_prefix)
{
    constexpr unsigned max_country_code = 3;
    std::size_t at = 0;
    while (at < text.size() && is_opening(text[at]))
        ++at;
    const std::string_view number = std::string_view(text).substr(at);
    if (number.starts_with('+'))
        at += 1;
    else if (!international_prefix.empty() && number.starts_with(international_prefix))
        at += international_prefix.size();
    else if (number.starts_with("00"))
        at += 2;
    else
        return;

    for (unsigned digits = 0; at < text.size() && digits <= max_country_code; ++at) {
        const bool is_zero_in_brackets =
            is_opening(text[at]) && at + 2 < text.size() && text[at + 1] == '0' && is_closing(text[at + 2]);
        if (is_zero_in_brackets && digits > 0) {
            text.erase(at, 3);
            return;
        }
        if (is_digit(text[at]))
            ++digits;
        else if (!is_opening(text[at]) && !is_closing(text[at]) && text[at] != '.')
            return;
    }
}

/// Returns whether a spreadsheet wrote the number: one dot, and zeros alone after it.
bool has_decimal_fraction(std::string_view text)
{
    if (text.ends_with('.'))
        text.remove_suffix(1);
    const std::size_t dot = text.find('.');
    return dot != std::string_view::npos && dot > 0 && dot + 1 < text.size() &&
           text.find_first_not_of('0', dot + 1) == std::string_view::npos;
}

/// Returns whether `text` is an IPv4 address as RFC 3986 writes it (dec-octet has no leading zero). Four groups of two
/// digits are not: that is how Danes write numbers.
bool is_ip_address(std::string_view text)
{
    if (text.ends_with('.'))
        text.remove_suffix(1);
    unsigned groups = 0;
    bool are_pairs = true;
    while (true) {
        const std::string_view group = text.substr(0, text.find('.'));
        const bool is_octet = !group.empty() && group.size() <= 3 && std::ranges::all_of(group, is_digit) &&
                              (group.size() == 1 || group.front() != '0') && (group.size() < 3 || group <= "255");
        if (!is_octet)
            return false;
        are_pairs = are_pairs && group.size() == 2;
        ++groups;
        if (group.size() == text.size())
            return groups == 4 && !are_pairs;
        text.remove_prefix(group.size() + 1);
    }
}

/// Returns the first character that no number holds in its place, if there is one.
std::optional<char32_t> refused_character(std::string_view text)
{
    const bool is_international = text.starts_with('+');
    for (std::size_t at = is_international ? 1 : 0; at < text.size(); ++at) {
        const bool is_key = text[at] == '*' || text[at] == '#';
        if (!is_digit(text[at]) && (!is_key || is_international))
            return text::code_point_at(text, at);
    }
    return std::nullopt;
}

} // namespace

std::string to_string(const RefusedDestination& refused)
{
    constexpr const char* neither = "the destination is neither a number nor a plain SIP URI";
    switch (refused.why) {
    case Why::malformed:
        return neither;
    case Why::character:
        return std::string(neither) + ": it holds " + text::code_point_name(refused.character);
    case Why::too_long:
        return "the destination is longer than 32 digits, or a SIP URI longer than 256 bytes";
    case Why::decimal_fraction:
        return "the destination ends in a decimal fraction, as a spreadsheet writes numbers; send the number as text";
    case Why::ip_address:
        return "the destination is an IPv4 address; send a number, or sip:USER@ADDRESS";
    }
    return {};
}

boost::system::result<std::string, RefusedDestination> read_number(std::string_view written,
                                                                   std::string_view international_prefix)
{
    std::string number(written);
    if (!is_plain(written)) {
        if (!text::is_utf8(written))
            return RefusedDestination{};
        if (is_negative(without_blank_ends(written)))
            return RefusedDestination{Why::character, '-'};
        number = without_separators(written);
        drop_national_zero(number, international_prefix);
        std::erase_if(number, [](char byte) { return is_opening(byte) || is_closing(byte); });
        if (has_decimal_fraction(number))
            return RefusedDestination{Why::decimal_fraction};
        if (is_ip_address(number))
            return RefusedDestination{Why::ip_address};
        std::erase(number, '.');
    }
    if (const auto character = refused_character(number))
        return RefusedDestination{Why::character, *character};
    const std::size_t digits = number.size() - (number.starts_with('+') ? 1 : 0);
    if (digits == 0)
        return RefusedDestination{Why::malformed};
    if (digits > max_digits)
        return RefusedDestination{Why::too_long};
    return number;
}

std::string_view without_blank_ends(std::string_view written)
{
    while (!written.empty() && is_one_of(blanks, text::code_point_at(written, 0)))
        written.remove_prefix(text::code_point_length(written, 0));
    while (!written.empty()) {
        std::size_t last = written.size() - 1;
        while ((static_cast<unsigned char>(written[last]) & 0xC0U) == 0x80)
            --last;
        if (!is_one_of(blanks, text::code_point_at(written, last)))
            break;
        written.remove_suffix(written.size() - last);
    }
    return written;
}

bool is_blank_number(std::string_view written)
{
    return without_blank_ends(written).empty();
}

} // namespace dialhook
