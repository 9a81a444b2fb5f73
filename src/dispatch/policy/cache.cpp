#include "dispatch/policy/policy.hpp"

namespace dialhook::dispatch {
namespace {

/// Returns whether this dialplan can use what was kept.
bool serves(const Decision& decision, const Dispatch& dispatch)
{
    return decision.reason() || !dispatch.needs_destination || decision.destination;
}

/// Returns a reply that was kept for this request, is not older than `age`, and serves this dialplan.
std::optional<Attempt> kept_reply(const Work& work, std::chrono::milliseconds age, Source source)
{
    if (work.kept_for.empty() || age.count() == 0)
        return std::nullopt;
    auto found = work.resolved.replies->find(work.kept_for, age, net::Clock::now());
    if (!found || !serves(*found, work.dispatch))
        return std::nullopt;
    found->source = source;
    return Attempt{*std::move(found), Outcome::success};
}

net::Awaitable<Attempt> keeping(Work& work, Limit limit, Inner inner)
{
    Attempt attempt = co_await inner(work, limit);
    if (attempt.outcome == Outcome::success && attempt.decision.source == Source::url)
        work.resolved.replies->keep(work.kept_for, attempt.decision, net::Clock::now());
    if (is_http_failure(attempt.outcome))
        if (auto stale = stale_reply(work))
            co_return *std::move(stale);
    co_return attempt;
}

/// Returns what is there at once, in the coroutine that a policy has to be.
net::Awaitable<Attempt> at_once(Attempt attempt)
{
    co_return attempt;
}

} // namespace

std::optional<Attempt> fresh_reply(Work& work)
{
    auto found = kept_reply(work, work.resolved.webhook->policies->cache, Source::cache);
    if (found)
        work.metrics.fresh.add();
    return found;
}

std::optional<Attempt> stale_reply(Work& work)
{
    auto found = kept_reply(work, work.resolved.webhook->policies->stale_if_error, Source::stale);
    if (found)
        work.metrics.stale.add();
    return found;
}

net::Awaitable<Attempt> from_cache(Work& work, Limit limit, Inner inner)
{
    auto fresh = fresh_reply(work);
    return fresh ? at_once(*std::move(fresh)) : inner(work, limit);
}

net::Awaitable<Attempt> or_stale(Work& work, Limit limit, Inner inner)
{
    return work.kept_for.empty() ? inner(work, limit) : keeping(work, limit, inner);
}

} // namespace dialhook::dispatch
