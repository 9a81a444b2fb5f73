#include "base/json_text.hpp"

#include "base/eight_bytes.hpp"

#include <array>

namespace dialhook {
namespace {

constexpr std::array<bool, 256> needs_escape = [] {
    std::array<bool, 256> table{};
    for (std::size_t control = 0; control < 0x20; ++control)
        table[control] = true;
    table['"'] = table['\\'] = true;
    return table;
}();

constexpr auto escapes_in = [](eight_bytes::Word word) {
    return eight_bytes::below(word, 0x20) | eight_bytes::equal(word, '"') | eight_bytes::equal(word, '\\');
};

} // namespace

void append_json_escape(Appender& out, char32_t code)
{
    constexpr std::string_view digits = "0123456789abcdef";
    switch (code) {
    case '"':
        out += "\\\"";
        return;
    case '\\':
        out += "\\\\";
        return;
    case '\n':
        out += "\\n";
        return;
    case '\r':
        out += "\\r";
        return;
    case '\t':
        out += "\\t";
        return;
    default:
        out += "\\u";
        for (unsigned shift = 16; shift != 0; shift -= 4)
            out += digits[code >> (shift - 4) & 0xFU];
    }
}

/// Most bytes of a line and of its answer are looked at here.
std::size_t plain_json_run(std::string_view text)
{
    std::size_t length = 0;
    for (; text.size() - length >= sizeof(eight_bytes::Word); length += sizeof(eight_bytes::Word))
        if (const auto marks = escapes_in(eight_bytes::load(text.data() + length)); marks != 0)
            return length + eight_bytes::before_first(marks);
    while (length < text.size() && !needs_escape[static_cast<unsigned char>(text[length])])
        ++length;
    return length;
}

void append_json_string(Appender& out, std::string_view utf8)
{
    out += '"';
    if (eight_bytes::none_in(utf8, escapes_in)) { // as nearly always
        out += utf8;
        out += '"';
        return;
    }
    while (true) {
        const std::size_t plain = plain_json_run(utf8);
        out += std::string_view(utf8.data(), plain);
        if (plain == utf8.size())
            break;
        append_json_escape(out, static_cast<unsigned char>(utf8[plain]));
        utf8.remove_prefix(plain + 1);
    }
    out += '"';
}

void append_json_string(std::string& out, std::string_view utf8)
{
    Appender appender(out, utf8.size() + 2);
    append_json_string(appender, utf8);
}

} // namespace dialhook
