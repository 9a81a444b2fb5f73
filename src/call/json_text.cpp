#include <dialhook/call/json_text.hpp>

namespace dialhook {
namespace {

bool needs_escape(char byte)
{
    return static_cast<unsigned char>(byte) < 0x20 || byte == '"' || byte == '\\';
}

void append_escape(std::string& out, char byte)
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

void append_json_string(std::string& out, std::string_view utf8)
{
    out += '"';
    std::size_t plain_from = 0;
    for (std::size_t index = 0; index < utf8.size(); ++index) {
        if (!needs_escape(utf8[index]))
            continue;
        out += utf8.substr(plain_from, index - plain_from);
        append_escape(out, utf8[index]);
        plain_from = index + 1;
    }
    out += utf8.substr(plain_from);
    out += '"';
}

} // namespace dialhook
