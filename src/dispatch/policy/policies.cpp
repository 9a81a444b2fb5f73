#include "dispatch/policy/policy.hpp"
#include "dispatch/request_text.hpp"
#include "dispatch/run_attempt.hpp"
#include "dispatch/signature.hpp"

#include <array>

namespace dialhook::dispatch {
namespace {

/// From the outside in, as the table in docs/architecture.md ("Around an attempt") has them.
constexpr std::array<Policy*, 8> policies{
    from_cache, in_single_flight, or_stale, or_fallback, behind_breaker, within_share, with_retries, at_url,
};

} // namespace

net::Awaitable<Attempt> attempt_with_policies(Work& work)
{
    const Limit limit{work.cancellation, work.started_at + work.resolved.webhook->timeout};
    if (work.resolved.webhook->policies == nullptr) // as most: nothing but the attempt
        return with_retries(work, limit, Inner(std::span(policies).last(1)));
    const Policies& options = *work.resolved.webhook->policies;
    if (!options.secrets.empty())
        work.webhook_id = work.dispatch.parcel_id == nullptr ? new_webhook_id() : *work.dispatch.parcel_id;
    // Where no reply is wanted, an old one would pass for a delivery.
    const bool keeps_replies =
        work.dispatch.wants_reply() && (options.cache.count() != 0 || options.stale_if_error.count() != 0);
    if (keeps_replies && work.dispatch.code.empty()) // a code is a secret: nothing of its request is kept
        work.kept_for = request_key(*work.resolved.webhook, work.dispatch);
    return Inner(policies)(work, limit);
}

net::Awaitable<Attempt> ask(Work& work, const Endpoint& endpoint, net::Cancellation& cancellation)
{
    DispatchThread& thread = work.thread;
    return run_attempt(
        thread.client, thread.permits_of(work.resolved, endpoint),
        {work.snapshot, work.resolved, endpoint, work.dispatch, work.webhook_id, thread.metrics, work.metrics},
        cancellation, work.result);
}

net::Awaitable<Attempt> at_url(Work& work, Limit limit, Inner)
{
    return ask(work, work.resolved.main, limit.cancellation);
}

Attempt cancelled(net::CancelReason reason)
{
    return {Decision::failure(reason == net::CancelReason::deadline ? Reason::timeout : Reason::shutdown),
            Outcome::final};
}

} // namespace dialhook::dispatch
