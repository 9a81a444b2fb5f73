#include "dispatch/webhook_index.hpp"

#include "base/pace.hpp"
#include "dispatch/snapshot.hpp"

namespace dialhook::dispatch {

std::string_view WebhookIndex::ByName::name(Place place) const
{
    return (*webhooks_)[place].webhook->name.str();
}

WebhookIndex::WebhookIndex(const std::vector<ResolvedWebhook>& webhooks)
    : places_(webhooks.size(), ByName(webhooks), ByName(webhooks))
{
    for (std::size_t place = 0; place < webhooks.size(); ++place) {
        Pace::between_pieces();
        places_.insert(static_cast<Place>(place));
    }
}

std::optional<std::size_t> WebhookIndex::find(std::string_view name) const
{
    const auto found = places_.find(name);
    if (found == places_.end())
        return std::nullopt;
    return *found;
}

} // namespace dialhook::dispatch
