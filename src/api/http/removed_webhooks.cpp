#include "api/http/removed_webhooks.hpp"

#include <atomic>

namespace dialhook::status {
namespace {

void add(dispatch::WebhookTotals& totals, const dispatch::WebhookState& state)
{
    state.metrics.each([&totals](const dispatch::WebhookThreadMetrics& metrics) { totals.add(metrics); });
}

} // namespace

void RemovedWebhooks::replace(const dispatch::Snapshot& before, const dispatch::Snapshot& now)
{
    forget_ended();
    for (const dispatch::ResolvedWebhook& resolved : before.webhooks())
        if (resolved.state->metrics.has_any() && now.find(resolved.webhook->name.str()) == nullptr)
            ending_.push_back(resolved.state);
}

dispatch::WebhookTotals RemovedWebhooks::totals() const
{
    dispatch::WebhookTotals totals = ended_;
    for (const auto& state : ending_)
        add(totals, *state);
    return totals;
}

void RemovedWebhooks::forget_ended()
{
    std::erase_if(ending_, [this](const std::shared_ptr<const dispatch::WebhookState>& state) {
        if (state.use_count() > 1)
            return false;
        std::atomic_thread_fence(std::memory_order_acquire); // whoever used it last has counted before it let go
        add(ended_, *state);
        return true;
    });
}

} // namespace dialhook::status
