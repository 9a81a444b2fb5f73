#pragma once

#include "base/shared_list.hpp"
#include "config/webhook_section.hpp"

#include <vector>

namespace dialhook::config {

/// Returns `all`, which are in the order of their places, by name and then by place.
///
/// `before` are webhooks in the order of their names. Those that are among them keep that order and are not compared:
/// with a hundred thousand names, each comparison is two misses of the processor's cache, and a sort has two million.
std::vector<PlacedWebhook*> in_order(std::vector<PlacedWebhook>& all, const SharedList<Webhook>& before);

} // namespace dialhook::config
