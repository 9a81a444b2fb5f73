#include "dispatch/policy/single_flight.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>

#include <utility>

namespace dialhook::dispatch {

SingleFlight::Leader::Leader(SingleFlight& flights, std::string request)
    : flights_(flights)
    , request_(std::move(request))
    , flight_(std::make_shared<Flight>())
{
    flight_->started_at = net::Clock::now();
    flights_.flights_[request_] = flight_;
}

SingleFlight::Leader::~Leader()
{
    const auto known = flights_.flights_.find(request_);
    if (known != flights_.flights_.end() && known->second == flight_) // else a younger one has taken its place
        flights_.flights_.erase(known);
    while (!flight_->waiting.empty()) {
        const auto waiter = flight_->waiting.front().shared_from_this();
        flight_->waiting.pop_front();
        net::asio::post(waiter->executor, [waiter] { waiter->event.set(); });
    }
}

bool SingleFlight::is_under_way(const std::string& request, net::TimePoint earliest) const
{
    const auto known = flights_.find(request);
    return known != flights_.end() && known->second->started_at >= earliest;
}

net::Awaitable<std::optional<Decision>> SingleFlight::join(const std::string& request, net::Cancellation& cancellation)
{
    const std::shared_ptr<Flight> flight = flights_.at(request);
    const net::Executor executor = co_await net::asio::this_coro::executor;
    const auto waiter = std::make_shared<Waiter>(executor);
    flight->waiting.push_back(*waiter);
    const net::OnCancel on_cancel(cancellation, [&waiter] { waiter->event.set(); });
    co_await waiter->event.wait();
    co_return flight->decision;
}

} // namespace dialhook::dispatch
