#pragma once

#include <span>
#include <string>
#include <string_view>

namespace dialhook {

/// Returns both digits of each byte, in small letters.
inline std::string hex(std::span<const unsigned char> bytes)
{
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    text.reserve(2 * bytes.size());
    for (const unsigned char byte : bytes) {
        text += digits[byte >> 4U];
        text += digits[byte & 0xFU];
    }
    return text;
}

} // namespace dialhook
