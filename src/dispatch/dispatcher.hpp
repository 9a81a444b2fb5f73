#pragma once

#include "call/decision.hpp"
#include "dispatch/firing.hpp"
#include "dispatch/policy/flights.hpp"
#include "dispatch/snapshot.hpp"
#include "dispatch/tally.hpp"
#include "net/http/http_client.hpp"
#include "net/http/timing.hpp"
#include "net/loop/slots.hpp"
#include "net/loop/stop.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace dialhook::dispatch {

struct Attempt;

/// One request as it was sent and what came back, for a person to look at. Holds secrets.
struct Leg
{
    bool https = false;
    bool is_own = true;              ///< false: a redirect led it to another origin
    std::string request;             ///< head and body
    std::string received;            ///< as it came; of a reply that broke off, what there was of it
    std::optional<std::string> body; ///< of a whole reply, taken out of its framing
};

/// One request of a firing, with its redirects, and what came of it.
struct Try
{
    Source url;                   ///< which URL was asked
    std::optional<Reason> reason; ///< nothing: it led to a success
    std::optional<int> http_status;
    std::string detail;
    unsigned redirects = 0;
    std::chrono::steady_clock::duration elapsed{};
    std::vector<Leg> legs; ///< empty unless they were asked for
};

/// A decision and how it came about.
struct Fired
{
    explicit Fired(Decision made)
        : decision(std::move(made))
    {
    }

    Decision decision;
    net::Timing timing;                           ///< of all tries together
    std::chrono::steady_clock::duration pauses{}; ///< between tries
    std::chrono::steady_clock::duration elapsed{};
    unsigned redirects = 0;
    unsigned retries = 0;
    Trace trace;            ///< the call's, or one that begins here
    std::uint64_t span = 0; ///< this firing in it: the same in all its requests
    std::vector<Try> tries; ///< empty unless they were asked for
};

/// The connections of one webhook to one origin that one thread may have at once.
struct Places
{
    net::Slots& slots;
    std::uint32_t limit;
};

/// Fires webhooks for calls, on one thread.
class Dispatcher
{
public:
    Dispatcher(net::HttpClient& client, net::TimerWheel& wheel, Tally& tally)
        : client_(client)
        , wheel_(wheel)
        , tally_(tally)
    {
    }

    /// One firing of one webhook. Always comes to a decision, within the webhook's `timeout` (and a tick of the wheel),
    /// or when `stop` is requested. Never null; in memory of its own, since it is handed on five times on its way to
    /// the answer. `hook` belongs to `snapshot`, which the caller keeps, as he does what `firing` shows.
    net::Awaitable<std::unique_ptr<Fired>> fire(const Snapshot& snapshot, const Hook& hook, Firing firing,
                                                net::Stop& stop);

    /// This thread's share of `max_connections`; at least one place, since what it has been given it must fire. The
    /// places are there as long as the webhook is in a snapshot that somebody holds.
    Places places_of(const Hook& hook, const Endpoint& endpoint);

private:
    /// A firing under way.
    struct Work
    {
        const Snapshot& snapshot;
        const Hook& hook;
        const Firing& firing;
        const net::TimePoint started_at;
        net::Stop& stop;
        Fired& fired;
        WebhookTally& tally;
        std::string webhook_id;
    };

    net::Awaitable<Attempt> ask(Work& work, const Endpoint& endpoint, net::Stop& stop);
    net::Awaitable<void> decide_by_policies(Work& work);
    net::Awaitable<Decision> answered_once(Work& work);
    net::Awaitable<Decision> answered_or_stale(Work& work, const std::string& request);
    std::optional<Decision> stale_reply(const Work& work, const std::string& request) const;
    Decision out_of_time(const Work& work, const std::string& request) const;
    net::Awaitable<Attempt> behind_breaker(Work& work);
    net::Awaitable<Attempt> within_share(Work& work);
    net::Awaitable<Attempt> with_retries(Work& work, net::Stop& stop, net::TimePoint limit);

    static std::mt19937_64 seeded();
    void enter_trace(const Call& call, Fired& fired);

    net::HttpClient& client_;
    net::TimerWheel& wheel_;
    Tally& tally_;
    Flights flights_;
    std::minstd_rand random_{std::random_device{}()};
    std::mt19937_64 trace_ids_ = seeded();
};

} // namespace dialhook::dispatch
