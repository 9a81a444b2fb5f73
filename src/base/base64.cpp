#include "base/base64.hpp"

#include <cstdint>

namespace dialhook::base64 {
namespace {

std::string_view alphabet_of(Form form)
{
    return form == Form::url ? "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
                             : "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
}

/// Returns `text` without its padding; nullopt if that is not as it must be.
std::optional<std::string_view> without_padding(std::string_view text)
{
    if (text.size() % 4 != 0)
        return std::nullopt;
    for (int most = 2; most > 0 && text.ends_with('='); --most)
        text.remove_suffix(1);
    return text;
}

} // namespace

std::string encoded(std::string_view bytes, Form form)
{
    const std::string_view alphabet = alphabet_of(form);
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    std::uint32_t bits = 0;
    unsigned count = 0;
    for (const char byte : bytes) {
        bits = bits << 8U | static_cast<unsigned char>(byte);
        for (count += 8; count >= 6; count -= 6)
            text += alphabet[bits >> (count - 6) & 0x3FU];
    }
    if (count != 0)
        text += alphabet[bits << (6 - count) & 0x3FU];
    while (form == Form::padded && text.size() % 4 != 0)
        text += '=';
    return text;
}

std::optional<std::string> decoded(std::string_view text, Form form)
{
    if (form == Form::padded) {
        const auto unpadded = without_padding(text);
        if (!unpadded)
            return std::nullopt;
        text = *unpadded;
    }
    const std::string_view alphabet = alphabet_of(form);
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

} // namespace dialhook::base64
