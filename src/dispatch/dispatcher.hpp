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

/// One request as it was sent and what came back, for a person to look at. Holds secrets.
struct ExchangeReport
{
    bool https = false;
    bool is_own = true;              ///< false: a redirect led it to another origin
    std::string request;             ///< head and body
    std::string received;            ///< as it came; of a reply that broke off, what there was of it
    std::optional<std::string> body; ///< of a whole reply, taken out of its framing
};

/// One request of a dispatch, with its redirects, and what came of it.
struct AttemptReport
{
    Source url;                   ///< which URL was asked
    std::optional<Reason> reason; ///< nothing: it led to a success
    std::optional<int> http_status;
    std::string detail;
    unsigned redirects = 0;
    std::chrono::steady_clock::duration elapsed{};
    std::vector<ExchangeReport> exchanges; ///< empty unless they were asked for
};

/// A decision and how it came about.
struct DispatchResult
{
    explicit DispatchResult(Decision made)
        : decision(std::move(made))
    {
    }

    Decision decision;
    net::Timing timing;                           ///< of all attempts together
    std::chrono::steady_clock::duration pauses{}; ///< between tries
    std::chrono::steady_clock::duration elapsed{};
    unsigned redirects = 0;
    unsigned retries = 0;
    Trace trace;                         ///< the call's, or one that begins here
    std::uint64_t span = 0;              ///< this dispatch in it: the same in all its requests
    std::vector<AttemptReport> attempts; ///< empty unless they were asked for
};

/// The connections of one webhook to one origin that one thread may have at once.
struct Permits
{
    net::Semaphore& semaphore;
    std::uint32_t limit;
};

/// Fires webhooks for calls, on one thread.
class Dispatcher
{
public:
    Dispatcher(net::HttpClient& client, net::TimerWheel& wheel, ThreadMetrics& metrics)
        : client_(client)
        , wheel_(wheel)
        , metrics_(metrics)
    {
    }

    /// One dispatch of one webhook. Always comes to a decision, within the webhook's `timeout` (and a tick of the
    /// wheel), or when `cancellation` is requested. Never null; in memory of its own, since it is handed on five times
    /// on its way to the answer. `resolved` belongs to `snapshot`, which the caller keeps, as he does what `dispatch`
    /// shows.
    net::Awaitable<std::unique_ptr<DispatchResult>> dispatch(const Snapshot& snapshot, const ResolvedWebhook& resolved,
                                                             Dispatch dispatch, net::Cancellation& cancellation);

    /// This thread's share of `max_connections`; at least one place, since what it has been given it must fire. The
    /// places are there as long as the webhook is in a snapshot that somebody holds.
    Permits permits_of(const ResolvedWebhook& resolved, const Endpoint& endpoint);

private:
    /// A dispatch under way.
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
