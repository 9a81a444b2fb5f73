#pragma once

#include "config/key_table.hpp"
#include "config/placed.hpp"
#include "config/shared_values.hpp"
#include "webhook/webhook.hpp"

#include <memory>
#include <vector>

namespace dialhook::config {

enum class WebhookMethod : unsigned char
{
    get,
    post
};
enum class BodyFormat : unsigned char
{
    form,
    json
};

/// A webhook while it is read: first the defaults, then what the webhook itself says.
struct WebhookDraft : Webhook
{
    WebhookDraft();

    WebhookMethod method = WebhookMethod::get;
    BodyFormat body = BodyFormat::form;
    std::uint8_t max_destinations = 1;
    std::shared_ptr<const BodyFields> own_fields; ///< null: the call's own
    Policies own_policies;
    unsigned threads = 1; ///< `server.threads`, which share its limits out
    SharedValues* shared = nullptr;
};

using PlacedWebhook = Placed<std::shared_ptr<const Webhook>>;

const KeyTable<WebhookDraft>& webhook_keys();
/// Returns the same keys without `url`.
const KeyTable<WebhookDraft>& default_keys();

/// Reads the `webhooks` of one file, each of them starting from `defaults`, and appends them to `webhooks`.
void read_webhooks(const Value& value, const WebhookDraft& defaults, std::vector<PlacedWebhook>& webhooks);

} // namespace dialhook::config
