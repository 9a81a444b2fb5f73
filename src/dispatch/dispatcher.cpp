#include "dispatch/dispatcher.hpp"

#include "dispatch/try.hpp"

#include <algorithm>
#include <exception>
#include <utility>

namespace dialhook::dispatch {

net::Awaitable<std::unique_ptr<Fired>> Dispatcher::fire(const Snapshot& snapshot, const Hook& hook, Firing firing,
                                                        net::Stop& stop)
{
    hook.main.url->fetch_ahead();
    firing.numbers = &snapshot.configuration().server.numbers.plan;
    const net::TimePoint started_at = net::Clock::now();
    auto made = std::make_unique<Fired>(Decision::failure(Reason::overload));
    Fired& fired = *made;

    const InFlight place(*hook.state, hook.webhook->max_in_flight);
    if (place) {
        enter_trace(firing.call, fired);
        const net::Deadline deadline(wheel_, stop, started_at + hook.webhook->timeout);
        try {
            Work work{snapshot, hook, firing, started_at, stop, fired, hook.state->tallies.of(tally_.share), {}};
            if (hook.webhook->policies == nullptr) {
                if (hook.main.budget)
                    hook.main.budget->count_request(started_at);
                fired.decision = (co_await ask(work, hook.main, stop)).decision;
            } else {
                co_await decide_by_policies(work);
            }
        } catch (const std::exception& error) { // memory that runs out must not cost a call its answer
            fired.decision = Decision::failure(Reason::internal);
            fired.decision.detail = error.what();
        }
    } else {
        fired.decision.detail = "max_in_flight calls of this webhook are in flight";
    }
    fired.elapsed = net::Clock::now() - started_at;
    co_return made;
}

/// One try. No coroutine: it would be one frame more for each call.
net::Awaitable<Attempt> Dispatcher::ask(Work& work, const Endpoint& endpoint, net::Stop& stop)
{
    return try_once(client_, places_of(work.hook, endpoint),
                    {work.snapshot, work.hook, endpoint, work.firing, work.webhook_id, tally_, work.tally}, stop,
                    work.fired);
}

/// With all the randomness that an id has room for: two daemons must not begin the same traces.
std::mt19937_64 Dispatcher::seeded()
{
    std::random_device device;
    std::seed_seq seeds{device(), device(), device(), device()};
    return std::mt19937_64(seeds);
}

void Dispatcher::enter_trace(const Call& call, Fired& fired)
{
    fired.trace = call.trace.is_known() ? call.trace : Trace{trace_ids_(), trace_ids_() | 1U, true};
    fired.span = trace_ids_() | 1U; // one bit less at random, and never 0
}

Places Dispatcher::places_of(const Hook& hook, const Endpoint& endpoint)
{
    WebhookTally& tally = hook.state->tallies.of(tally_.share);
    return {endpoint.lane == Source::url ? tally.to_url : tally.to_fallback,
            std::max(tally_.share.of(hook.webhook->max_connections), 1U)};
}

} // namespace dialhook::dispatch
