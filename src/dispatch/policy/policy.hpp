#pragma once

#include "dispatch/attempt.hpp"
#include "dispatch/dispatcher.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>

/// The policies of a webhook around its attempts: each is a function of one signature, in a file of its own, and wraps
/// those after it (policies.cpp has their order).
namespace dialhook::dispatch {

/// State of a dispatch under way, for all of its policies.
struct Work
{
    DispatchThread& thread;
    const Snapshot& snapshot;
    const ResolvedWebhook& resolved;
    const Dispatch& dispatch;
    const net::TimePoint started_at;
    net::Cancellation& cancellation;
    DispatchResult& result;
    WebhookThreadMetrics& metrics;
    std::string webhook_id = {}; ///< of a signed request: the same in all attempts
    std::string kept_for = {};   ///< the request that a reply is kept for; empty: none is kept
};

/// Makes an attempt within the policies that the webhook has. `work` outlives it.
net::Awaitable<Attempt> attempt_with_policies(Work& work);

/// Runs one attempt at `endpoint`. No coroutine itself, which saves a frame a call.
net::Awaitable<Attempt> ask(Work& work, const Endpoint& endpoint, net::Cancellation& cancellation);

/// When what a policy wraps has to end: `cancellation` is requested, at `at` for lack of time.
struct Limit
{
    net::Cancellation& cancellation;
    net::TimePoint at;
};

class Inner;

/// Does its part around `inner`. Of a webhook without this policy it returns `inner` itself, without a coroutine.
using Policy = net::Awaitable<Attempt>(Work& work, Limit limit, Inner inner);

/// What a policy wraps: the policies after it, and last the attempt.
class Inner
{
public:
    /// The last of `policies` wraps nothing.
    explicit Inner(std::span<Policy* const> policies)
        : policies_(policies)
    {
    }

    net::Awaitable<Attempt> operator()(Work& work, Limit limit) const
    {
        return policies_.front()(work, limit, Inner(policies_.subspan(1)));
    }

private:
    std::span<Policy* const> policies_;
};

Policy from_cache;       ///< a reply that is not older than `cache`
Policy in_single_flight; ///< the decision of an identical request of this thread that is under way
Policy or_stale;         ///< keeps an ACK; after an HTTP failure one that is not older than `stale_if_error`
Policy or_fallback;      ///< after an HTTP failure what the fallback answers
Policy behind_breaker;   ///< refuses while the circuit breaker is open, and tells it what came of the rest
Policy within_share;     ///< leaves the fallback half of the time
Policy with_retries;     ///< asks again after a transient failure
Policy at_url;           ///< one attempt at the main URL

/// Returns a kept reply as `from_cache` finds it, and counts it.
std::optional<Attempt> fresh_reply(Work& work);

/// Returns a kept reply as `or_stale` finds it, and counts it.
std::optional<Attempt> stale_reply(Work& work);

/// Returns the attempt of a dispatch that was cancelled before it came to one.
Attempt cancelled(net::CancelReason reason);

} // namespace dialhook::dispatch
