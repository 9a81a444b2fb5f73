#pragma once

#include "call/decision.hpp"
#include "dispatch/dispatch.hpp"
#include "dispatch/policy/single_flight.hpp"
#include "dispatch/snapshot.hpp"
#include "dispatch/thread_metrics.hpp"
#include "net/http/http_client.hpp"
#include "net/http/timing.hpp"
#include "net/loop/cancellation.hpp"
#include "net/loop/semaphore.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace dialhook::dispatch {

/// One exchange as sent and received, for `dialhookctl try`. Holds secrets.
struct ExchangeReport
{
    bool https = false;
    bool is_own = true;              ///< false: redirected to another origin
    std::string request;             ///< head and body
    std::string received;            ///< raw bytes, also of a reply that broke off
    std::optional<std::string> body; ///< of a whole reply, without its framing
};

/// One attempt of a dispatch, with its redirects and its outcome.
struct AttemptReport
{
    Source url;                   ///< which URL was asked
    std::optional<Reason> reason; ///< nullopt: success
    std::optional<int> http_status;
    std::string detail;
    unsigned redirects = 0;
    std::chrono::steady_clock::duration elapsed{};
    std::vector<ExchangeReport> exchanges; ///< empty unless asked for
};

/// A decision and how it was made.
struct DispatchResult
{
    explicit DispatchResult(Decision made)
        : decision(std::move(made))
    {
    }

    Decision decision;
    net::Timing timing;                           ///< of all attempts together
    std::chrono::steady_clock::duration pauses{}; ///< between attempts
    std::chrono::steady_clock::duration elapsed{};
    unsigned redirects = 0;
    unsigned retries = 0;
    Trace trace;                         ///< the call's, or one that begins here
    std::uint64_t span = 0;              ///< this dispatch in it: the same in all its requests
    std::vector<AttemptReport> attempts; ///< empty unless they were asked for
};

/// One thread's share of `max_connections` of a webhook, to one origin.
struct Permits
{
    net::Semaphore& semaphore;
    std::uint32_t limit;
};

/// What the dispatches of one thread share.
struct DispatchThread
{
    /// Returns this thread's share of `max_connections`, at least one permit: calls stay on their thread. Valid while
    /// the webhook is in a snapshot in use.
    Permits permits_of(const ResolvedWebhook& resolved, const Endpoint& endpoint) const;

    net::HttpClient& client;
    net::TimerWheel& wheel;
    ThreadMetrics& metrics;
    SingleFlight single_flight = {};
    std::minstd_rand random{std::random_device{}()};
};

/// Dispatches webhooks for calls, on one thread.
class Dispatcher
{
public:
    Dispatcher(net::HttpClient& client, net::TimerWheel& wheel, ThreadMetrics& metrics)
        : thread_{client, wheel, metrics}
    {
    }

    /// Dispatches one webhook. Always makes a decision, within the webhook's `timeout` (plus a tick of the wheel) or
    /// when `cancellation` is requested. Never returns null; on the heap, since the result is passed on five times. The
    /// caller keeps `snapshot`, which owns `resolved`, and what `dispatch` refers to.
    net::Awaitable<std::unique_ptr<DispatchResult>> dispatch(const Snapshot& snapshot, const ResolvedWebhook& resolved,
                                                             Dispatch dispatch, net::Cancellation& cancellation);

    Permits permits_of(const ResolvedWebhook& resolved, const Endpoint& endpoint) const
    {
        return thread_.permits_of(resolved, endpoint);
    }

private:
    static std::mt19937_64 seeded();
    void enter_trace(const Call& call, DispatchResult& result);

    DispatchThread thread_;
    std::mt19937_64 trace_ids_ = seeded();
};

} // namespace dialhook::dispatch
