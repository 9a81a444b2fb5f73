#include "dispatch/policy/policy.hpp"

namespace dialhook::dispatch {
namespace {

net::Awaitable<Attempt> with_fallback(Work& work, Limit limit, Inner inner)
{
    Attempt attempt = co_await inner(work, limit);
    if (!is_http_failure(attempt.outcome) || limit.cancellation.requested())
        co_return attempt;
    // It has neither breaker, nor retries, nor a share of the time: it has what is left.
    Attempt other = co_await ask(work, *work.resolved.fallback, limit.cancellation);
    if (other.outcome == Outcome::success || other.outcome == Outcome::answered)
        co_return other;
    if (limit.cancellation.reason() == net::CancelReason::shutdown)
        co_return Attempt{std::move(other.decision), Outcome::final};
    co_return attempt;
}

} // namespace

net::Awaitable<Attempt> or_fallback(Work& work, Limit limit, Inner inner)
{
    return work.resolved.fallback ? with_fallback(work, limit, inner) : inner(work, limit);
}

} // namespace dialhook::dispatch
