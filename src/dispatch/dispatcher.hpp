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

struct Attempt;

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

/// Dispatches webhooks for calls, on one thread.
class Dispatcher
{
public:
    Dispatcher(net::HttpClient& client, net::TimerWheel& wheel, ThreadMetrics& metrics)
        : client_(client)
        , wheel_(wheel)
        , metrics_(metrics)
    {
    }

    /// Dispatches one webhook. Always makes a decision, within the webhook's `timeout` (plus a tick of the wheel) or
    /// when `cancellation` is requested. Never returns null; on the heap, since the result is passed on five times. The
    /// caller keeps `snapshot`, which owns `resolved`, and what `dispatch` refers to.
    net::Awaitable<std::unique_ptr<DispatchResult>> dispatch(const Snapshot& snapshot, const ResolvedWebhook& resolved,
                                                             Dispatch dispatch, net::Cancellation& cancellation);

    /// Returns this thread's share of `max_connections`, at least one permit: calls stay on their thread. Valid while
    /// the webhook is in a snapshot in use.
    Permits permits_of(const ResolvedWebhook& resolved, const Endpoint& endpoint);

private:
    /// State of a dispatch under way.
    struct Work
    {
        const Snapshot& snapshot;
        const ResolvedWebhook& resolved;
        const Dispatch& dispatch;
        const net::TimePoint started_at;
        net::Cancellation& cancellation;
        DispatchResult& result;
        WebhookThreadMetrics& metrics;
        std::string webhook_id;
    };

    net::Awaitable<Attempt> ask(Work& work, const Endpoint& endpoint, net::Cancellation& cancellation);
    net::Awaitable<void> decide_by_policies(Work& work);
    net::Awaitable<Decision> answered_once(Work& work);
    net::Awaitable<Decision> answered_or_stale(Work& work, const std::string& request);
    std::optional<Decision> stale_reply(const Work& work, const std::string& request) const;
    Decision out_of_time(const Work& work, const std::string& request) const;
    net::Awaitable<Attempt> behind_breaker(Work& work);
    net::Awaitable<Attempt> within_share(Work& work);
    net::Awaitable<Attempt> with_retries(Work& work, net::Cancellation& cancellation, net::TimePoint limit);

    static std::mt19937_64 seeded();
    void enter_trace(const Call& call, DispatchResult& result);

    net::HttpClient& client_;
    net::TimerWheel& wheel_;
    ThreadMetrics& metrics_;
    SingleFlight single_flight_;
    std::minstd_rand random_{std::random_device{}()};
    std::mt19937_64 trace_ids_ = seeded();
};

} // namespace dialhook::dispatch
