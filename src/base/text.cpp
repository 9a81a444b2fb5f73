#include "base/text.hpp"

#include "base/ascii.hpp"
#include "base/eight_bytes.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace dialhook::text {
namespace {

bool is_space(char byte)
{
    return byte == ' ' || (byte >= '\t' && byte <= '\r'); // tab, line feed, vertical tab, form feed, carriage return
}

unsigned char byte_at(std::string_view bytes, std::size_t index)
{
    return static_cast<unsigned char>(bytes[index]);
}

bool is_continuation(std::string_view bytes, std::size_t index)
{
    return index < bytes.size() && (byte_at(bytes, index) & 0xC0U) == 0x80U;
}

/// The code points of the bytes 80 to 9F; those that Windows leaves undefined are the C1 controls, as on the web.
constexpr std::array<char32_t, 32> windows_1252 = {0x20AC, 0x0081, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
                                                   0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x008D, 0x017D, 0x008F,
                                                   0x0090, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
                                                   0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x009D, 0x017E, 0x0178};

/// Returns whether `rest` is the start of a well-formed sequence, and not all of it.
bool is_cut_sequence(std::string_view rest)
{
    const unsigned lead = byte_at(rest, 0);
    const std::size_t length = text::code_point_length(rest, 0);
    if (lead < 0xC2 || lead > 0xF4 || rest.size() >= length)
        return false;
    if (rest.size() == 1)
        return true;
    const std::string whole = std::string(rest) + std::string(length - rest.size(), '\x80');
    return sequence_length(whole, 0) == length;
}

/// Returns how much of `bytes` is UTF-8 when it was cut inside its last character, and else its size.
///
/// One lead byte after nothing but ASCII tells too little: `Andr\xE9` is Windows-1252. Only C2 and C3, with which the
/// letters of western Europe begin in UTF-8 and hardly a word ends in Windows-1252, are taken for a cut there.
std::size_t size_without_cut_sequence(std::string_view bytes)
{
    std::size_t index = 0;
    bool is_ascii = true;
    while (index < bytes.size()) {
        const std::size_t length = sequence_length(bytes, index);
        if (length == 0)
            break;
        is_ascii = is_ascii && length == 1;
        index += length;
    }
    const std::string_view rest = bytes.substr(index);
    if (rest.empty() || !is_cut_sequence(rest))
        return bytes.size();
    const bool tells_too_little = is_ascii && rest.size() == 1 && byte_at(rest, 0) > 0xC3;
    return tells_too_little ? bytes.size() : index;
}

/// Returns the length of the control character at `index`, or 0. C1 controls are U+0080 to U+009F: C2 80 to C2 9F.
std::size_t control_length(std::string_view utf8, std::size_t index)
{
    const unsigned char byte = byte_at(utf8, index);
    if (byte < 0x20 || byte == 0x7F)
        return 1;
    if (byte == 0xC2 && index + 1 < utf8.size() && byte_at(utf8, index + 1) < 0xA0)
        return 2;
    return 0;
}

/// Marks controls, and what may begin or be a C1 control.
constexpr auto controls_in = [](eight_bytes::Word word) {
    return eight_bytes::below(word, 0x20) | eight_bytes::from_delete_on(word);
};

} // namespace

/// Table 3-7 of the Unicode Standard.
std::size_t sequence_length(std::string_view bytes, std::size_t index)
{
    const unsigned lead = byte_at(bytes, index);
    if (lead < 0x80)
        return 1;
    if (lead < 0xC2 || lead > 0xF4 || !is_continuation(bytes, index + 1))
        return 0;
    if (lead < 0xE0)
        return 2;

    const unsigned second = byte_at(bytes, index + 1);
    if (lead < 0xF0) {
        const bool overlong = lead == 0xE0 && second < 0xA0;
        const bool surrogate = lead == 0xED && second > 0x9F;
        return !overlong && !surrogate && is_continuation(bytes, index + 2) ? 3 : 0;
    }
    const bool overlong = lead == 0xF0 && second < 0x90;
    const bool beyond = lead == 0xF4 && second > 0x8F;
    return !overlong && !beyond && is_continuation(bytes, index + 2) && is_continuation(bytes, index + 3) ? 4 : 0;
}

std::optional<std::size_t> first_invalid_utf8(std::string_view bytes)
{
    std::size_t index = 0;
    while (index < bytes.size()) {
        if (bytes.size() - index >= sizeof(eight_bytes::Word)) { // a configuration may be megabytes of ASCII
            const auto marks = eight_bytes::beyond_ascii(eight_bytes::load(bytes.data() + index));
            const std::size_t ascii = marks == 0 ? sizeof(eight_bytes::Word) : eight_bytes::before_first(marks);
            index += ascii;
            if (ascii != 0)
                continue;
        }
        const std::size_t length = sequence_length(bytes, index);
        if (length == 0)
            return index;
        index += length;
    }
    return std::nullopt;
}

bool is_utf8(std::string_view bytes)
{
    const auto beyond_ascii = [](auto word) { return eight_bytes::beyond_ascii(word); };
    return eight_bytes::none_in(bytes, beyond_ascii) || !first_invalid_utf8(bytes); // nearly all text is ASCII
}

std::string utf8_or_windows_1252(std::string bytes)
{
    if (is_utf8(bytes))
        return bytes;
    if (const std::size_t whole = size_without_cut_sequence(bytes); whole < bytes.size()) {
        bytes.resize(whole);
        return bytes;
    }
    std::string utf8;
    utf8.reserve(bytes.size() * 2);
    for (const char byte : bytes) {
        const auto code = static_cast<unsigned char>(byte);
        const bool is_in_table = code >= 0x80 && code < 0xA0;
        append_code_point(utf8, is_in_table ? windows_1252[code - 0x80U] : char32_t{code});
    }
    return utf8;
}

char32_t code_point_at(std::string_view utf8, std::size_t index)
{
    const char32_t lead = byte_at(utf8, index);
    const std::size_t length = code_point_length(utf8, index);
    if (length == 1)
        return lead;
    char32_t code_point = lead & (0x7FU >> length);
    for (std::size_t next = 1; next < length; ++next)
        code_point = (code_point << 6U) | (byte_at(utf8, index + next) & 0x3FU);
    return code_point;
}

std::size_t code_point_length(std::string_view utf8, std::size_t index)
{
    const unsigned lead = byte_at(utf8, index);
    if (lead < 0xC0)
        return 1;
    return lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
}

void append_code_point(std::string& utf8, char32_t code_point)
{
    const auto append = [&](char32_t byte) { utf8 += static_cast<char>(static_cast<unsigned char>(byte)); };
    if (code_point < 0x80)
        return append(code_point);
    if (code_point < 0x800) {
        append(0xC0U | (code_point >> 6U));
    } else {
        if (code_point < 0x10000) {
            append(0xE0U | (code_point >> 12U));
        } else {
            append(0xF0U | (code_point >> 18U));
            append(0x80U | ((code_point >> 12U) & 0x3FU));
        }
        append(0x80U | ((code_point >> 6U) & 0x3FU));
    }
    append(0x80U | (code_point & 0x3FU));
}

std::string code_point_name(char32_t code_point)
{
    std::array<char, 16> name{};
    std::snprintf(name.data(), name.size(), "U+%04X", static_cast<unsigned>(code_point));
    return name.data();
}

bool has_controls(std::string_view utf8)
{
    if (eight_bytes::none_in(utf8, controls_in))
        return false;
    for (std::size_t index = 0; index < utf8.size(); ++index)
        if (control_length(utf8, index) != 0)
            return true;
    return false;
}

std::string without_controls(std::string utf8)
{
    if (!has_controls(utf8))
        return utf8;
    std::string kept;
    kept.reserve(utf8.size());
    for (std::size_t index = 0; index < utf8.size();) {
        if (const std::size_t control = control_length(utf8, index); control != 0)
            index += control;
        else
            kept += utf8[index++];
    }
    return kept;
}

bool steers_display(char32_t code_point)
{
    const auto within = [code_point](char32_t first, char32_t last) {
        return code_point >= first && code_point <= last;
    };
    return code_point < 0x20 || within(0x7F, 0x9F) || code_point == 0x061C || within(0x200E, 0x200F) ||
           within(0x2028, 0x202E) || within(0x2066, 0x2069) || code_point == 0xFEFF;
}

std::string_view first_code_points(std::string_view utf8, std::size_t limit)
{
    if (utf8.size() <= limit)
        return utf8;
    std::size_t index = 0;
    for (std::size_t count = 0; index < utf8.size(); ++index) {
        const bool starts_code_point = (byte_at(utf8, index) & 0xC0U) != 0x80U;
        if (starts_code_point && count++ == limit)
            break;
    }
    return utf8.substr(0, index);
}

std::string_view first_bytes(std::string_view utf8, std::size_t limit)
{
    if (utf8.size() <= limit)
        return utf8;
    while ((static_cast<unsigned char>(utf8[limit]) & 0xC0U) == 0x80)
        --limit;
    return utf8.substr(0, limit);
}

std::string_view trimmed(std::string_view text)
{
    while (!text.empty() && is_space(text.front()))
        text.remove_prefix(1);
    while (!text.empty() && is_space(text.back()))
        text.remove_suffix(1);
    return text;
}

std::string_view trimmed_of_marks(std::string_view text)
{
    while (true) {
        text = trimmed(text);
        if (text.starts_with(byte_order_mark))
            text.remove_prefix(byte_order_mark.size());
        else if (text.ends_with(byte_order_mark))
            text.remove_suffix(byte_order_mark.size());
        else
            return text;
    }
}

bool letters_equal(std::string_view left, std::string_view right)
{
    for (std::size_t index = 0; index < left.size(); ++index)
        if (ascii::lower(left[index]) != ascii::lower(right[index]))
            return false;
    return true;
}

int hex_value(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    const char letter = ascii::lower(digit);
    return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

} // namespace dialhook::text
