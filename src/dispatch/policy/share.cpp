#include "dispatch/policy/policy.hpp"

namespace dialhook::dispatch {
namespace {

net::Awaitable<Attempt> within_half(Work& work, Limit limit, Inner inner)
{
    const net::TimePoint half = work.started_at + work.resolved.webhook->timeout / 2;
    net::Cancellation share;
    const net::OnCancel link(limit.cancellation, [&] { share.request(limit.cancellation.reason()); });
    const net::Deadline deadline(work.thread.wheel, share, half);
    Attempt attempt = co_await inner(work, {share, half});
    co_return attempt;
}

} // namespace

net::Awaitable<Attempt> within_share(Work& work, Limit limit, Inner inner)
{
    return work.resolved.fallback ? within_half(work, limit, inner) : inner(work, limit);
}

} // namespace dialhook::dispatch
