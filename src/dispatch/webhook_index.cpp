#include "dispatch/webhook_index.hpp"

namespace dialhook::dispatch {

WebhookIndex::WebhookIndex(const std::vector<Webhook>& webhooks)
    : places_(webhooks.size(), ByName(webhooks), ByName(webhooks))
{
    for (std::size_t place = 0; place < webhooks.size(); ++place)
        places_.insert(static_cast<Place>(place));
}

std::optional<std::size_t> WebhookIndex::find(std::string_view name) const
{
    const auto found = places_.find(name);
    if (found == places_.end())
        return std::nullopt;
    return *found;
}

} // namespace dialhook::dispatch
