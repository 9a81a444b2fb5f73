#include "log/escape.hpp"

#include "base/eight_bytes.hpp"
#include "base/json_text.hpp"
#include "base/text.hpp"

#include <array>
#include <cstddef>

namespace dialhook::log {
namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";

/// One character at the front of a text; size 1 and `valid` false for a byte that is no UTF-8.
struct Character
{
    char32_t code = 0;
    std::size_t size = 1;
    bool valid = false;
};

unsigned char byte_at(std::string_view text, std::size_t index)
{
    return static_cast<unsigned char>(text[index]);
}

Character first_character(std::string_view text)
{
    const std::size_t size = text::sequence_length(text, 0);
    return size == 0 ? Character{} : Character{text::code_point_at(text, 0), size, true};
}

/// Characters that a reader does not see and that change what they do see.
bool is_deceptive(char32_t code)
{
    const auto within = [code](char32_t first, char32_t last) { return code >= first && code <= last; };
    return text::steers_display(code) || within(0x200b, 0x200d) || within(0x2060, 0x2065);
}

/// What ASCII may stand for itself; a table, because every byte of the log is looked up here.
enum Class : unsigned char
{
    in_quotes = 1,
    in_message = 2, // several words without quotes
    in_word = 4,    // a value without quotes
};

constexpr auto classes = [] {
    std::array<unsigned char, 256> result{};
    for (unsigned byte = 0x20; byte < 0x7f; ++byte) {
        const bool quotes = byte != '"' && byte != '\\';
        const bool message = quotes && byte != '=';
        const bool word = message && byte != ' ';
        result[byte] =
            static_cast<unsigned char>((quotes ? in_quotes : 0) | (message ? in_message : 0) | (word ? in_word : 0));
    }
    return result;
}();

/// Returns how many bytes at the start of the text are of this class.
std::size_t run_of(Class wanted, std::string_view text)
{
    std::size_t length = 0;
    while (length < text.size() && (classes[byte_at(text, length)] & wanted) != 0)
        ++length;
    return length;
}

void append_hex(Appender& out, std::string_view mark, unsigned value, unsigned digits)
{
    out += mark;
    while (digits-- > 0)
        out += hex_digits[value >> (4 * digits) & 0xfU];
}

enum class Invalid
{
    as_bytes,
    replaced
};

void append_escaped(Appender& out, std::string_view text, Invalid invalid)
{
    while (!text.empty()) {
        const auto run = run_of(in_quotes, text);
        out += text.substr(0, run);
        text.remove_prefix(run);
        if (text.empty())
            return;

        const auto character = first_character(text);
        if (!character.valid && invalid == Invalid::as_bytes)
            append_hex(out, "\\x", byte_at(text, 0), 2);
        else if (!character.valid)
            out += "\\ufffd";
        else if (character.size == 1 || is_deceptive(character.code))
            append_json_escape(out, character.code);
        else
            out += text.substr(0, character.size);
        text.remove_prefix(character.size);
    }
}

void append_quoted(Appender& out, std::string_view text)
{
    out += '"';
    append_escaped(out, text, Invalid::as_bytes);
    out += '"';
}

/// Marks what ASCII may not stand for itself in a word, and exclamation marks, which share a test with quotation marks.
constexpr auto marks_in_word = [](eight_bytes::Word word) {
    using namespace eight_bytes;
    return below(word, '"' + 1) | from_delete_on(word) | equal(word, '\\') | equal(word, '=');
};

/// Returns whether text needs no quotes and no escapes; the ASCII in it has to be of this class.
bool is_bare(std::string_view text, Class wanted)
{
    for (text.remove_prefix(run_of(wanted, text)); !text.empty(); text.remove_prefix(run_of(wanted, text))) {
        const auto character = first_character(text);
        if (!character.valid || character.size == 1 || is_deceptive(character.code))
            return false;
        text.remove_prefix(character.size);
    }
    return true;
}

} // namespace

void append_value(Appender& out, std::string_view text)
{
    if (!text.empty() && (eight_bytes::none_in(text, marks_in_word) || is_bare(text, in_word)))
        out += text;
    else
        append_quoted(out, text);
}

void append_message(Appender& out, std::string_view text)
{
    if (!text.empty() && is_bare(text, in_message))
        out += text;
    else
        append_quoted(out, text);
}

void append_json(Appender& out, std::string_view text)
{
    out += '"';
    append_escaped(out, text, Invalid::replaced);
    out += '"';
}

} // namespace dialhook::log
