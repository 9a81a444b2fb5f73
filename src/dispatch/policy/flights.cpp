#include "dispatch/policy/flights.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>

#include <utility>

namespace dialhook::dispatch {

Flights::Lead::Lead(Flights& flights, std::string request)
    : flights_(flights)
    , request_(std::move(request))
    , flight_(std::make_shared<Flight>())
{
    flight_->took_off = net::Clock::now();
    flights_.flights_[request_] = flight_;
}

Flights::Lead::~Lead()
{
    const auto known = flights_.flights_.find(request_);
    if (known != flights_.flights_.end() && known->second == flight_) // else a younger one has taken its place
        flights_.flights_.erase(known);
    while (!flight_->waiting.empty()) {
        const auto waiter = flight_->waiting.front().shared_from_this();
        flight_->waiting.pop_front();
        net::asio::post(waiter->executor, [waiter] { waiter->gate.open(); });
    }
}

bool Flights::is_under_way(const std::string& request, net::TimePoint earliest) const
{
    const auto known = flights_.find(request);
    return known != flights_.end() && known->second->took_off >= earliest;
}

net::Awaitable<std::optional<Decision>> Flights::join(const std::string& request, net::Stop& stop)
{
    const std::shared_ptr<Flight> flight = flights_.at(request);
    const net::Executor executor = co_await net::asio::this_coro::executor;
    const auto waiter = std::make_shared<Waiter>(executor);
    flight->waiting.push_back(*waiter);
    const net::OnStop on_stop(stop, [&waiter] { waiter->gate.open(); });
    co_await waiter->gate.wait();
    co_return flight->decision;
}

} // namespace dialhook::dispatch
