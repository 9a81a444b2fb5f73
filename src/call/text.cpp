#include <dialhook/call/eight_bytes.hpp>
#include <dialhook/call/text.hpp>

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

/// Length of the well-formed sequence that starts at `index`, or 0 (table 3-7 of the Unicode Standard).
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

/// Length of the control character at `index`, or 0. C1 controls are U+0080 to U+009F: C2 80 to C2 9F.
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

char lower(char letter)
{
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter + ('a' - 'A')) : letter;
}

} // namespace

bool is_utf8(std::string_view bytes)
{
    if (eight_bytes::none_in(bytes,
                             [](auto word) { return eight_bytes::beyond_ascii(word); })) // nearly all text is ASCII
        return true;
    for (std::size_t index = 0; index < bytes.size();) {
        const std::size_t length = sequence_length(bytes, index);
        if (length == 0)
            return false;
        index += length;
    }
    return true;
}

std::string utf8_or_latin1(std::string bytes)
{
    if (is_utf8(bytes))
        return bytes;

    std::string utf8;
    utf8.reserve(bytes.size() * 2);
    for (const char byte : bytes) {
        const auto code_point = static_cast<unsigned char>(byte);
        if (code_point < 0x80) {
            utf8 += byte;
        } else {
            utf8 += static_cast<char>(0xC0U | (code_point >> 6U));
            utf8 += static_cast<char>(0x80U | (code_point & 0x3FU));
        }
    }
    return utf8;
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

bool letters_equal(std::string_view left, std::string_view right)
{
    for (std::size_t index = 0; index < left.size(); ++index)
        if (lower(left[index]) != lower(right[index]))
            return false;
    return true;
}

int hex_value(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    const char letter = lower(digit);
    return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

} // namespace dialhook::text
