#include "dispatch/policy/single_flight.hpp"

#include "dispatch/policy/policy.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>

#include <utility>

namespace dialhook::dispatch {

SingleFlight::Leader::Leader(SingleFlight& flights, FlightKey key)
    : flights_(flights)
    , key_(std::move(key))
    , flight_(std::make_shared<Flight>())
{
    flight_->started_at = net::Clock::now();
    flights_.flights_[key_] = flight_;
}

SingleFlight::Leader::~Leader()
{
    const auto known = flights_.flights_.find(key_);
    if (known != flights_.flights_.end() && known->second == flight_) // else a younger one has taken its place
        flights_.flights_.erase(known);
    while (!flight_->waiting.empty()) {
        const auto waiter = flight_->waiting.front().shared_from_this();
        flight_->waiting.pop_front();
        net::asio::post(waiter->executor, [waiter] { waiter->event.set(); });
    }
}

bool SingleFlight::is_under_way(const FlightKey& key, net::TimePoint earliest) const
{
    const auto known = flights_.find(key);
    return known != flights_.end() && known->second->started_at >= earliest;
}

net::Awaitable<std::optional<Attempt>> SingleFlight::join(const FlightKey& key, net::Cancellation& cancellation)
{
    const std::shared_ptr<Flight> flight = flights_.at(key);
    const net::Executor executor = co_await net::asio::this_coro::executor;
    const auto waiter = std::make_shared<Waiter>(executor);
    flight->waiting.push_back(*waiter);
    const net::OnCancel on_cancel(cancellation, [&waiter] { waiter->event.set(); });
    co_await waiter->event.wait();
    co_return flight->attempt;
}

namespace {

/// Returns what a dispatch is left with that was cancelled while it waited for another one.
Attempt out_of_time(Work& work, net::CancelReason reason)
{
    if (reason == net::CancelReason::deadline)
        if (auto stale = stale_reply(work))
            return *std::move(stale);
    return cancelled(reason);
}

net::Awaitable<Attempt> joining(Work& work, Limit limit, Inner inner)
{
    SingleFlight& flights = work.thread.single_flight;
    const FlightKey key{work.resolved.replies.get(), work.dispatch.needs_destination, work.kept_for};
    // One that has little time left would take its end for theirs.
    while (flights.is_under_way(key, net::Clock::now() - work.resolved.webhook->timeout / 4)) {
        auto shared = co_await flights.join(key, limit.cancellation);
        if (shared) {
            work.metrics.coalesced.add();
            co_return *std::move(shared);
        }
        if (limit.cancellation.requested())
            co_return out_of_time(work, limit.cancellation.reason());
        if (auto fresh = fresh_reply(work)) // another thread's, meanwhile
            co_return *std::move(fresh);
    }
    SingleFlight::Leader leader(flights, key);
    Attempt attempt = co_await inner(work, limit);
    const net::CancelReason reason = limit.cancellation.reason();
    if (reason == net::CancelReason::none || reason == net::CancelReason::deadline)
        leader.complete(attempt);
    co_return attempt;
}

} // namespace

net::Awaitable<Attempt> in_single_flight(Work& work, Limit limit, Inner inner)
{
    const bool is_shared = !work.kept_for.empty() && work.resolved.webhook->policies->cache.count() != 0;
    return is_shared ? joining(work, limit, inner) : inner(work, limit);
}

} // namespace dialhook::dispatch
