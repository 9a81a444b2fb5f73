#pragma once

#include <dialhook/call/decision.hpp>
#include <dialhook/dispatch/firing.hpp>
#include <dialhook/dispatch/snapshot.hpp>
#include <dialhook/net/http_client.hpp>
#include <dialhook/net/stop.hpp>
#include <dialhook/net/timing.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace dialhook::dispatch {

/// One request of a firing, with its redirects, and what came of it.
struct Try
{
    Source url;                   ///< which URL was asked
    std::optional<Reason> reason; ///< nothing: it led to a success
    std::optional<int> http_status;
    std::string detail;
    unsigned redirects = 0;
    std::chrono::steady_clock::duration elapsed{};
};

/// A decision and how it came about.
struct Fired
{
    explicit Fired(Decision made)
        : decision(std::move(made))
    {
    }

    Decision decision;
    net::Timing timing;
    std::chrono::steady_clock::duration elapsed{};
    unsigned redirects = 0;
    std::vector<Try> tries; ///< empty unless they were asked for
};

/// Fires webhooks for calls, on one thread.
class Dispatcher
{
public:
    Dispatcher(net::HttpClient& client, net::TimerWheel& wheel)
        : client_(client)
        , wheel_(wheel)
    {
    }

    /// One firing of one webhook. Always comes to a decision, within the webhook's `timeout` (and a tick of the wheel),
    /// or when `stop` is requested. `hook` belongs to `snapshot`, which the caller keeps, as he does what `firing`
    /// shows.
    net::Awaitable<Fired> fire(const Snapshot& snapshot, const Hook& hook, Firing firing, net::Stop& stop);

private:
    net::Awaitable<Decision> ask(const Snapshot& snapshot, const Hook& hook, const Firing& firing, net::Stop& stop,
                                 Fired& fired);

    net::HttpClient& client_;
    net::TimerWheel& wheel_;
};

} // namespace dialhook::dispatch
