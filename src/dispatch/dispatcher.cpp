#include "dispatch/dispatcher.hpp"

#include "dispatch/policy/policy.hpp"

#include <algorithm>
#include <exception>
#include <utility>

namespace dialhook::dispatch {

net::Awaitable<std::unique_ptr<DispatchResult>> Dispatcher::dispatch(const Snapshot& snapshot,
                                                                     const ResolvedWebhook& resolved, Dispatch dispatch,
                                                                     net::Cancellation& cancellation)
{
    resolved.main.url->fetch_ahead();
    dispatch.numbers = &snapshot.configuration().server.numbers.plan;
    const net::TimePoint started_at = net::Clock::now();
    auto made = std::make_unique<DispatchResult>(Decision::failure(Reason::overload));
    DispatchResult& result = *made;

    const InFlight permit(*resolved.state, resolved.webhook->max_in_flight);
    if (permit) {
        enter_trace(dispatch.call, result);
        const net::Deadline deadline(thread_.wheel, cancellation, started_at + resolved.webhook->timeout);
        try {
            WebhookThreadMetrics& metrics = resolved.state->metrics.of(thread_.metrics.share);
            Work work{thread_, snapshot, resolved, dispatch, started_at, cancellation, result, metrics};
            result.decision = (co_await attempt_with_policies(work)).decision;
        } catch (const std::exception& error) { // a call must get its answer even when memory runs out
            result.decision = Decision::failure(Reason::internal);
            result.decision.detail = error.what();
        }
    } else {
        result.decision.detail = "max_in_flight calls of this webhook are in flight";
    }
    result.elapsed = net::Clock::now() - started_at;
    co_return made;
}

/// Seeds with as many random bits as an id has: two daemons must not start the same traces.
std::mt19937_64 Dispatcher::seeded()
{
    std::random_device device;
    std::seed_seq seeds{device(), device(), device(), device()};
    return std::mt19937_64(seeds);
}

void Dispatcher::enter_trace(const Call& call, DispatchResult& result)
{
    result.trace = call.trace.is_known() ? call.trace : Trace{trace_ids_(), trace_ids_() | 1U, true};
    result.span = trace_ids_() | 1U; // one bit less at random, and never 0
}

Permits DispatchThread::permits_of(const ResolvedWebhook& resolved, const Endpoint& endpoint) const
{
    WebhookThreadMetrics& webhook_metrics = resolved.state->metrics.of(metrics.share);
    return {endpoint.connections_of == Source::url ? webhook_metrics.to_url : webhook_metrics.to_fallback,
            std::max(metrics.share.of(resolved.webhook->max_connections), 1U)};
}

} // namespace dialhook::dispatch
