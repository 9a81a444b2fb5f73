#include "dispatch/policy/backoff.hpp"
#include "dispatch/policy/policy.hpp"
#include "net/loop/pause.hpp"

namespace dialhook::dispatch {
namespace {

using namespace std::chrono_literals;

/// A retry is not begun when less than this would be left for it.
constexpr std::chrono::milliseconds min_attempt = 20ms;

net::Awaitable<Attempt> retrying(Work& work, Limit limit, Inner inner)
{
    RetryBudget& budget = *work.resolved.main.budget;
    while (true) {
        Attempt attempt = co_await inner(work, limit);
        const bool is_last = work.result.retries == work.resolved.webhook->policies->retries;
        if (attempt.outcome != Outcome::transient || is_last || limit.cancellation.requested())
            co_return attempt;
        const net::TimePoint next_at = net::Clock::now() + backoff(work.result.retries, work.thread.random());
        if (next_at + min_attempt > limit.at)
            co_return attempt;
        if (!budget.take_retry(net::Clock::now())) {
            attempt.decision.detail += "; not retried: the origin's retry budget is used up";
            co_return attempt;
        }
        ++work.result.retries;
        work.metrics.retries.add();
        const net::TimePoint paused_at = net::Clock::now();
        co_await net::pause(work.thread.wheel, next_at, limit.cancellation);
        work.result.pauses += net::Clock::now() - paused_at;
        if (limit.cancellation.requested()) {
            if (limit.cancellation.reason() != net::CancelReason::deadline)
                co_return cancelled(limit.cancellation.reason());
            co_return attempt;
        }
    }
}

} // namespace

net::Awaitable<Attempt> with_retries(Work& work, Limit limit, Inner inner)
{
    if (work.resolved.main
            .budget) // also of webhooks that do not retry: their requests allow retries of the origin's others
        work.resolved.main.budget->count_request(net::Clock::now());
    const Policies* const policies = work.resolved.webhook->policies.get();
    return policies == nullptr || policies->retries == 0 ? inner(work, limit) : retrying(work, limit, inner);
}

} // namespace dialhook::dispatch
