#pragma once

#include <optional>
#include <string>
#include <string_view>

/// Base 64 (RFC 4648).
namespace dialhook::base64 {

enum class Form : unsigned char
{
    padded, ///< section 4, with `=` at the end
    url     ///< section 5, safe in URLs and file names, without padding
};

std::string encoded(std::string_view bytes, Form form);

/// Returns nullopt unless `text` is what `encoded` would have written.
std::optional<std::string> decoded(std::string_view text, Form form);

} // namespace dialhook::base64
