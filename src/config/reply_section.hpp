#pragma once

#include "config/key_table.hpp"
#include "config/webhook_section.hpp"

namespace dialhook::config {

/// Adds the key that says how replies are read.
void add_reply(KeyTable<WebhookDraft>& keys);

/// `reply` while it is read: what goes together depends on `format`, wherever that stands.
struct ReplyDraft
{
    ReplyFormat format = ReplyFormat::automatic;
};

/// Returns the keys of `reply`.
const KeyTable<ReplyDraft>& reply_keys();

} // namespace dialhook::config
