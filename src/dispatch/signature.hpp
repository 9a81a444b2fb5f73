#pragma once

#include "webhook/policies.hpp"

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace dialhook::dispatch {

/// Returns a `webhook-id` that no other dispatch has.
std::string new_webhook_id();

/// Returns the header lines `webhook-id`, `webhook-timestamp` and `webhook-signature` over `content`, as the Standard
/// Webhooks specification says: `v1` is HMAC-SHA-256 over `id.timestamp.content`, one signature for each secret.
std::string signature_headers(const std::vector<SigningSecret>& secrets, std::string_view id,
                              std::chrono::system_clock::time_point now, std::string_view content);

} // namespace dialhook::dispatch
