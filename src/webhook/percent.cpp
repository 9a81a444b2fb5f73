#include <dialhook/call/text.hpp>
#include <dialhook/webhook/percent.hpp>

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

void append_encoded(std::string& out, std::string_view value)
{
    constexpr std::string_view digits = "0123456789ABCDEF";
    for (const char byte : value) {
        const auto code = static_cast<unsigned char>(byte);
        if (unreserved[code]) {
            out += byte;
        } else {
            const char escape[] = {'%', digits[code >> 4U], digits[code & 0xFU]};
            out.append(escape, sizeof escape);
        }
    }
}

bool is_escape(std::string_view text, std::size_t index)
{
    return index + 2 < text.size() && text[index] == '%' && text::hex_value(text[index + 1]) >= 0 &&
           text::hex_value(text[index + 2]) >= 0;
}

std::string decoded(std::string_view text, Plus plus)
{
    std::string out;
    out.reserve(text.size());
    for (std::size_t index = 0; index < text.size(); ++index) {
        if (is_escape(text, index)) {
            out += static_cast<char>(text::hex_value(text[index + 1]) * 16 + text::hex_value(text[index + 2]));
            index += 2;
        } else if (text[index] == '+' && plus == Plus::is_space) {
            out += ' ';
        } else {
            out += text[index];
        }
    }
    return out;
}

} // namespace dialhook::percent
