#pragma once

#include "dispatch/attempt.hpp"
#include "dispatch/dispatcher.hpp"

#include <string>

namespace dialhook::dispatch {

/// One try and what it is a part of.
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

/// One request with its redirects, on one of the `permits` of the webhook. Always comes to an end, at the latest when
/// `cancellation` is requested.
net::Awaitable<Attempt> run_attempt(net::HttpClient& client, Permits permits, AttemptRun what,
                                    net::Cancellation& cancellation, DispatchResult& result);

} // namespace dialhook::dispatch
