#include <dialhook/call/json_text.hpp>

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

void append_escape(Appender& out, char byte)
{
    constexpr std::string_view digits = "0123456789abcdef";
    switch (byte) {
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
        out += "\\u00";
        out += digits[static_cast<unsigned char>(byte) >> 4U];
        out += digits[static_cast<unsigned char>(byte) & 0xFU];
    }
}

} // namespace

void append_json_string(Appender& out, std::string_view utf8)
{
    out += '"';
    std::size_t plain_from = 0;
    for (std::size_t index = 0; index < utf8.size(); ++index) {
        if (!needs_escape[static_cast<unsigned char>(utf8[index])])
            continue;
        out += utf8.substr(plain_from, index - plain_from);
        append_escape(out, utf8[index]);
        plain_from = index + 1;
    }
    out += utf8.substr(plain_from);
    out += '"';
}

void append_json_string(std::string& out, std::string_view utf8)
{
    Appender appender(out, utf8.size() + 2);
    append_json_string(appender, utf8);
}

} // namespace dialhook
