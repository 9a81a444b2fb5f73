#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace dialhook::engine_http {

/// Returns whether the value of an `Authorization` header is `Bearer` with one of `tokens` (RFC 6750). How long it
/// takes says nothing of what they hold.
bool is_bearer_of(std::string_view authorization, const std::vector<std::string>& tokens);

} // namespace dialhook::engine_http
