#pragma once

#include "dispatch/attempt.hpp"
#include "dispatch/dispatcher.hpp"

#include <string>

namespace dialhook::dispatch {

/// One attempt and what it belongs to.
struct AttemptRun
{
    const Snapshot& snapshot;
    const ResolvedWebhook& resolved;
    const Endpoint& endpoint;
    const Dispatch& dispatch;
    const std::string& webhook_id;         ///< of a signed request; the same in all attempts of a dispatch
    ThreadMetrics& metrics;                ///< of this thread
    WebhookThreadMetrics& webhook_metrics; ///< of this thread and this webhook
};

/// Sends one request and follows its redirects, holding one of the webhook's `permits`. Ends at the latest when
/// `cancellation` is requested.
net::Awaitable<Attempt> run_attempt(net::HttpClient& client, Permits permits, AttemptRun what,
                                    net::Cancellation& cancellation, DispatchResult& result);

} // namespace dialhook::dispatch
