#pragma once

#include "dispatch/snapshot.hpp"
#include "dispatch/webhook_metrics.hpp"
#include "dispatch/webhook_state.hpp"

#include <memory>
#include <vector>

namespace dialhook::status {

/// What webhooks counted that a reload has removed, so that a sum over all webhooks never goes down: Prometheus would
/// take that for a restart, and count all of the rest again.
class RemovedWebhooks
{
public:
    /// `now` takes the place of `before`. What a webhook of `before` alone counts from now on, for its last calls, is
    /// added too.
    void replace(const dispatch::Snapshot& before, const dispatch::Snapshot& now);

    dispatch::WebhookTotals totals() const;

private:
    void forget_ended();

    dispatch::WebhookTotals ended_;                                     ///< of those that no call uses any more
    std::vector<std::shared_ptr<const dispatch::WebhookState>> ending_; ///< calls under way may count in them
};

} // namespace dialhook::status
