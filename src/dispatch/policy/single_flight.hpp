#pragma once

#include "dispatch/attempt.hpp"
#include "net/loop/cancellation.hpp"
#include "net/loop/event.hpp"

#include <boost/intrusive/list.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

namespace dialhook::dispatch {

class ReplyCache;

/// What dispatches have in common that share one request.
struct FlightKey
{
    /// The webhook in one definition: it has a cache of its own, which a reload hands on only while it stays the same.
    const ReplyCache* definition;
    bool needs_destination; ///< what one dialplan needs of a reply may fail another one
    std::string request;

    bool operator==(const FlightKey&) const = default;

    struct Hash
    {
        std::size_t operator()(const FlightKey& key) const
        {
            return std::hash<std::string>()(key.request) ^ std::hash<const void*>()(key.definition) ^
                   static_cast<std::size_t>(key.needs_destination);
        }
    };
};

/// The requests in flight on one thread that identical dispatches share: one asks, the others wait for what it gets.
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
        std::optional<Attempt> attempt;
        net::TimePoint started_at;
    };

public:
    /// The one that asks. When it ends, those who wait get its attempt; without one, the first of them asks.
    class Leader
    {
    public:
        Leader(SingleFlight& flights, FlightKey key);
        ~Leader();
        Leader(const Leader&) = delete;
        Leader& operator=(const Leader&) = delete;

        void complete(const Attempt& attempt) { flight_->attempt = attempt; }

    private:
        SingleFlight& flights_;
        FlightKey key_;
        std::shared_ptr<Flight> flight_;
    };

    /// Returns whether somebody asks for `key`, since `earliest` or later.
    bool is_under_way(const FlightKey& key, net::TimePoint earliest) const;

    /// Waits for the one that asks for `key`. Returns nullopt if it came to no attempt, or `cancellation` was
    /// requested.
    net::Awaitable<std::optional<Attempt>> join(const FlightKey& key, net::Cancellation& cancellation);

private:
    std::unordered_map<FlightKey, std::shared_ptr<Flight>, FlightKey::Hash> flights_;
};

} // namespace dialhook::dispatch
