#include <dialhook/call/json_text.hpp>

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

namespace dialhook {
namespace {

constexpr std::array<bool, 256> needs_escape = [] {
    std::array<bool, 256> table{};
    for (std::size_t control = 0; control < 0x20; ++control)
        table[control] = true;
    table['"'] = table['\\'] = true;
    return table;
}();

/// The high bit of every byte that needs an escape, of eight at once; above the lowest of them a bit may be wrong. Each
/// term is "is less than" or "is zero" from Anderson's "Bit Twiddling Hacks".
constexpr std::uint64_t escapes_in(std::uint64_t eight)
{
    constexpr std::uint64_t each = 0x0101010101010101;
    const std::uint64_t quotes = eight ^ each * '"';
    const std::uint64_t backslashes = eight ^ each * '\\';
    return (((eight - each * 0x20) & ~eight) | ((quotes - each) & ~quotes) | ((backslashes - each) & ~backslashes)) &
           each * 0x80;
}

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

/// Most bytes of a line and of its answer are looked at here, eight at a time.
std::size_t plain_json_run(std::string_view text)
{
    std::size_t length = 0;
    if constexpr (std::endian::native == std::endian::little) {
        for (std::uint64_t eight = 0; text.size() - length >= sizeof eight; length += sizeof eight) {
            std::memcpy(&eight, text.data() + length, sizeof eight);
            if (const std::uint64_t found = escapes_in(eight); found != 0)
                return length + static_cast<std::size_t>(std::countr_zero(found)) / 8;
        }
    }
    while (length < text.size() && !needs_escape[static_cast<unsigned char>(text[length])])
        ++length;
    return length;
}

void append_json_string(Appender& out, std::string_view utf8)
{
    out += '"';
    while (true) {
        const std::size_t plain = plain_json_run(utf8);
        out += utf8.substr(0, plain);
        if (plain == utf8.size())
            break;
        append_escape(out, utf8[plain]);
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
