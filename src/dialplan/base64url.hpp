#pragma once

#include <optional>
#include <string>
#include <string_view>

/// Base 64 with the URL and file name safe alphabet, without padding (RFC 4648, section 5).
namespace dialhook::dialplan::base64url {

std::string encoded(std::string_view bytes);

/// Nothing unless `text` is what `encoded` would have written.
std::optional<std::string> decoded(std::string_view text);

} // namespace dialhook::dialplan::base64url
