#include "base/percent.hpp"

#include "base/appender.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <array>

namespace dialhook::percent {
namespace {

constexpr std::array<bool, 256> unreserved = [] {
    std::array<bool, 256> table{};
    for (const char byte : std::string_view("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"))
        table[static_cast<unsigned char>(byte)] = true;
    return table;
}();

} // namespace

void append_encoded(std::string& text, std::string_view value)
{
    constexpr std::string_view digits = "0123456789ABCDEF";
    Appender out(text, 3 * value.size());
    while (true) {
        std::size_t plain = 0;
        while (plain < value.size() && unreserved[static_cast<unsigned char>(value[plain])])
            ++plain;
        out += value.substr(0, plain);
        if (plain == value.size())
            return;
        const auto code = static_cast<unsigned char>(value[plain]);
        out += '%';
        out += digits[code >> 4U];
        out += digits[code & 0xFU];
        value.remove_prefix(plain + 1);
    }
}

bool is_escape(std::string_view text, std::size_t index)
{
    return index + 2 < text.size() && text[index] == '%' && text::hex_value(text[index + 1]) >= 0 &&
           text::hex_value(text[index + 2]) >= 0;
}

std::string decoded(std::string_view text, Plus plus)
{
    std::string result(text); // never longer than what it is decoded from
    std::size_t size = std::min(text.find('%'), plus == Plus::is_space ? text.find('+') : std::string_view::npos);
    if (size == std::string_view::npos)
        return result;
    for (std::size_t index = size; index < text.size(); ++index) {
        const char byte = text[index];
        if (byte == '%' && is_escape(text, index)) {
            result[size++] =
                static_cast<char>(text::hex_value(text[index + 1]) * 16 + text::hex_value(text[index + 2]));
            index += 2;
        } else {
            result[size++] = byte == '+' && plus == Plus::is_space ? ' ' : byte;
        }
    }
    result.resize(size);
    return result;
}

} // namespace dialhook::percent
