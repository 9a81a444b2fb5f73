#include <dialhook/dispatch/flights.hpp>

#include <algorithm>
#include <utility>

namespace dialhook::dispatch {

Flights::Lead::Lead(Flights& flights, std::string request)
    : flights_(flights)
    , request_(std::move(request))
    , flight_(std::make_shared<Flight>())
{
    flights_.flights_[request_] = flight_;
}

Flights::Lead::~Lead()
{
    flights_.flights_.erase(request_);
    const auto flight = std::move(flight_);
    // Each gate lets its waiter run at once, which then takes itself off the list.
    while (!flight->waiting.empty())
        flight->waiting.front()->open();
}

net::Awaitable<std::optional<Decision>> Flights::join(const std::string& request, net::Stop& stop)
{
    const std::shared_ptr<Flight> flight = flights_.at(request);
    net::Gate gate;
    flight->waiting.push_back(&gate);
    {
        const net::OnStop on_stop(stop, [&gate] { gate.open(); });
        co_await gate.wait();
    }
    std::erase(flight->waiting, &gate);
    co_return flight->decision;
}

} // namespace dialhook::dispatch
