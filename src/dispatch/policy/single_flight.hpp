#pragma once

#include "call/decision.hpp"
#include "net/loop/cancellation.hpp"
#include "net/loop/event.hpp"

#include <boost/intrusive/list.hpp>

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

namespace dialhook::dispatch {

/// The requests under way on one thread that identical dispatches share: one asks, the others wait for its decision.
class SingleFlight
{
    /// Woken by the event loop, never within the end of a `Leader`: who then asks and fails at once would wake the
    /// others within that. Leaves the list at its end, whichever of thousands it is, without a search.
    struct Waiter : std::enable_shared_from_this<Waiter>,
                    boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>>
    {
        explicit Waiter(net::Executor of)
            : executor(std::move(of))
        {
        }

        net::Event event;
        net::Executor executor;
    };
    struct Flight
    {
        boost::intrusive::list<Waiter, boost::intrusive::constant_time_size<false>> waiting;
        std::optional<Decision> decision;
        net::TimePoint started_at;
    };

public:
    /// The one that asks. When it ends, those who wait get its decision; without one, the first of them asks.
    class Leader
    {
    public:
        Leader(SingleFlight& flights, std::string request);
        ~Leader();
        Leader(const Leader&) = delete;
        Leader& operator=(const Leader&) = delete;

        void complete(const Decision& decision) { flight_->decision = decision; }

    private:
        SingleFlight& flights_;
        std::string request_;
        std::shared_ptr<Flight> flight_;
    };

    /// Whether somebody asks for `request`, since `earliest` or later.
    bool is_under_way(const std::string& request, net::TimePoint earliest) const;

    /// Waits for the one that asks for `request`. Nothing: it came to no decision, or `cancellation` was requested.
    net::Awaitable<std::optional<Decision>> join(const std::string& request, net::Cancellation& cancellation);

private:
    std::unordered_map<std::string, std::shared_ptr<Flight>> flights_;
};

} // namespace dialhook::dispatch
