#include "dispatch/dispatcher.hpp"

#include "dispatch/run_attempt.hpp"

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
        const net::Deadline deadline(wheel_, cancellation, started_at + resolved.webhook->timeout);
        try {
            Work work{snapshot,
                      resolved,
                      dispatch,
                      started_at,
                      cancellation,
                      result,
                      resolved.state->metrics.of(metrics_.share),
                      {}};
            if (resolved.webhook->policies == nullptr) {
                if (resolved.main.budget)
                    resolved.main.budget->count_request(started_at);
                result.decision = (co_await ask(work, resolved.main, cancellation)).decision;
            } else {
                co_await decide_by_policies(work);
            }
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

/// Runs one attempt. No coroutine itself, which saves a frame a call.
net::Awaitable<Attempt> Dispatcher::ask(Work& work, const Endpoint& endpoint, net::Cancellation& cancellation)
{
    return run_attempt(client_, permits_of(work.resolved, endpoint),
                       {work.snapshot, work.resolved, endpoint, work.dispatch, work.webhook_id, metrics_, work.metrics},
                       cancellation, work.result);
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

Permits Dispatcher::permits_of(const ResolvedWebhook& resolved, const Endpoint& endpoint)
{
    WebhookThreadMetrics& metrics = resolved.state->metrics.of(metrics_.share);
    return {endpoint.connections_of == Source::url ? metrics.to_url : metrics.to_fallback,
            std::max(metrics_.share.of(resolved.webhook->max_connections), 1U)};
}

} // namespace dialhook::dispatch
