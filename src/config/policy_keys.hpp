#pragma once

#include "config/key_table.hpp"
#include "config/webhook_section.hpp"

namespace dialhook::config {

/// Adds the keys of what a webhook does beyond asking once: retries, fallback, signatures, breaker, cache.
void add_policies(KeyTable<WebhookDraft>& keys);

/// Returns the keys of `circuit_breaker`.
const KeyTable<BreakerOptions>& breaker_keys();

/// Adds a fault for what does not go together, once the webhook is read.
void check_policies(const Value& webhook, const WebhookDraft& draft);

} // namespace dialhook::config
