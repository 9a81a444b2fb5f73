#include "dialplan/base64url.hpp"

#include <cstdint>

namespace dialhook::dialplan::base64url {
namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

} // namespace

std::string encoded(std::string_view bytes)
{
    std::string text;
    text.reserve((bytes.size() * 4 + 2) / 3);
    std::uint32_t bits = 0;
    unsigned count = 0;
    for (const char byte : bytes) {
        bits = bits << 8U | static_cast<unsigned char>(byte);
        for (count += 8; count >= 6; count -= 6)
            text += alphabet[bits >> (count - 6) & 0x3FU];
    }
    if (count != 0)
        text += alphabet[bits << (6 - count) & 0x3FU];
    return text;
}

std::optional<std::string> decoded(std::string_view text)
{
    std::string bytes;
    bytes.reserve(text.size() * 3 / 4);
    std::uint32_t bits = 0;
    unsigned count = 0;
    for (const char character : text) {
        const auto value = alphabet.find(character);
        if (value == std::string_view::npos)
            return std::nullopt;
        bits = bits << 6U | static_cast<std::uint32_t>(value);
        count += 6;
        if (count >= 8) {
            count -= 8;
            bytes += static_cast<char>(bits >> count & 0xFFU);
        }
    }
    // What is left over must be the zeros that fill up the last character.
    if (count == 6 || (bits & ((1U << count) - 1)) != 0)
        return std::nullopt;
    return bytes;
}

} // namespace dialhook::dialplan::base64url
