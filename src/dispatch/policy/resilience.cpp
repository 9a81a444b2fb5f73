#include "dispatch/attempt.hpp"
#include "dispatch/dispatcher.hpp"
#include "dispatch/policy/backoff.hpp"
#include "dispatch/request_text.hpp"
#include "dispatch/signature.hpp"
#include "net/loop/pause.hpp"

#include <cstdint>
#include <string>
#include <utility>

/// What a dispatch does beyond asking once: cache, breaker, retries and fallback, all within one deadline. Each
/// function below wraps the next one.
namespace dialhook::dispatch {
namespace {

using namespace std::chrono_literals;

/// A retry is not begun when less than this would be left for it.
constexpr std::chrono::milliseconds min_attempt_time = 20ms;

BreakerMark mark_of(Outcome outcome)
{
    if (is_http_failure(outcome))
        return BreakerMark::failure;
    return outcome == Outcome::final ? BreakerMark::neutral : BreakerMark::answer;
}

/// One dispatch's pass through a breaker. It reports, whatever becomes of the dispatch.
class BreakerPermit
{
public:
    explicit BreakerPermit(Breaker* breaker)
        : breaker_(breaker)
        , admission_(breaker == nullptr ? Breaker::Admission::pass : breaker->admit(net::Clock::now()))
    {
    }
    ~BreakerPermit()
    {
        if (breaker_ != nullptr && !is_refused())
            breaker_->report(admission_, mark, net::Clock::now());
    }
    BreakerPermit(const BreakerPermit&) = delete;
    BreakerPermit& operator=(const BreakerPermit&) = delete;

    bool is_refused() const { return admission_ == Breaker::Admission::refused; }

    BreakerMark mark = BreakerMark::neutral;

private:
    Breaker* breaker_;
    Breaker::Admission admission_;
};

/// Whether this dialplan can use what was kept, or what another call asked for.
bool serves(const Decision& decision, const Dispatch& dispatch)
{
    return decision.reason() || !dispatch.needs_destination || decision.destination;
}

Decision kept(Decision decision, Source source)
{
    decision.source = source;
    return decision;
}

Decision cancelled(net::CancelReason reason)
{
    return Decision::failure(reason == net::CancelReason::deadline ? Reason::timeout : Reason::shutdown);
}

} // namespace

net::Awaitable<void> Dispatcher::decide_by_policies(Work& work)
{
    const Policies& policies = *work.resolved.webhook->policies;
    if (!policies.secrets.empty())
        work.webhook_id = new_webhook_id();
    const bool keeps_replies = policies.cache != 0ms || policies.stale_if_error != 0ms;
    if (keeps_replies && work.dispatch.code.empty()) // a code is a secret: nothing of its request is kept
        work.result.decision = co_await answered_once(work);
    else
        work.result.decision = co_await answered_or_stale(work, {});
}

/// What an HTTP failure leaves to answer with, if anything.
std::optional<Decision> Dispatcher::stale_reply(const Work& work, const std::string& request) const
{
    const auto age = work.resolved.webhook->policies->stale_if_error;
    if (age == 0ms)
        return std::nullopt;
    auto found = work.resolved.replies->find(request, age, net::Clock::now());
    if (!found || !serves(*found, work.dispatch))
        return std::nullopt;
    work.metrics.stale.add();
    return kept(*std::move(found), Source::stale);
}

/// Of a call that waited for the answer to another one.
Decision Dispatcher::out_of_time(const Work& work, const std::string& request) const
{
    if (work.cancellation.reason() == net::CancelReason::deadline)
        if (auto found = stale_reply(work, request))
            return *std::move(found);
    return cancelled(work.cancellation.reason());
}

/// From the cache, or together with all who ask the same at this moment.
net::Awaitable<Decision> Dispatcher::answered_once(Work& work)
{
    const Policies& policies = *work.resolved.webhook->policies;
    const std::string request = request_key(*work.resolved.webhook, work.dispatch);
    if (policies.cache == 0ms)
        co_return co_await answered_or_stale(work, request);

    // What one call needs of a reply may fail another one.
    const std::string shared = std::to_string(reinterpret_cast<std::uintptr_t>(work.resolved.replies.get())) +
                               (work.dispatch.needs_destination ? "+" : "-") + request;
    while (true) {
        auto found = work.resolved.replies->find(request, policies.cache, net::Clock::now());
        if (found && serves(*found, work.dispatch)) {
            work.metrics.fresh.add();
            co_return kept(*std::move(found), Source::cache);
        }
        // One that has little time left would take its end for theirs.
        if (!single_flight_.is_under_way(shared, net::Clock::now() - work.resolved.webhook->timeout / 4))
            break;
        auto decision = co_await single_flight_.join(shared, work.cancellation);
        if (decision) {
            work.metrics.coalesced.add();
            co_return *std::move(decision);
        }
        if (work.cancellation.requested())
            co_return out_of_time(work, request);
    }
    SingleFlight::Leader leader(single_flight_, shared);
    Decision decision = co_await answered_or_stale(work, request);
    const net::CancelReason reason = work.cancellation.reason();
    if (reason == net::CancelReason::none || reason == net::CancelReason::deadline)
        leader.complete(decision);
    co_return decision;
}

/// `request` is what a reply is kept for; empty: none is.
net::Awaitable<Decision> Dispatcher::answered_or_stale(Work& work, const std::string& request)
{
    Attempt attempt = co_await behind_breaker(work);
    const bool came_from_url = attempt.decision.source == Source::url;
    if (attempt.outcome == Outcome::success && came_from_url && !request.empty())
        work.resolved.replies->keep(request, attempt.decision, net::Clock::now());

    if (is_http_failure(attempt.outcome) && work.resolved.fallback && !work.cancellation.requested()) {
        Attempt other = co_await ask(work, *work.resolved.fallback, work.cancellation);
        if (other.outcome == Outcome::success || other.outcome == Outcome::answered)
            co_return std::move(other.decision);
        if (work.cancellation.reason() == net::CancelReason::shutdown)
            co_return std::move(other.decision);
    }
    if (is_http_failure(attempt.outcome) && !request.empty())
        if (auto found = stale_reply(work, request))
            co_return *std::move(found);
    co_return std::move(attempt.decision);
}

net::Awaitable<Attempt> Dispatcher::behind_breaker(Work& work)
{
    BreakerPermit permit(work.resolved.breaker.get());
    if (permit.is_refused()) {
        Decision refused = Decision::failure(Reason::circuit_open);
        refused.detail =
            "the circuit breaker is open after consecutive failures" + work.resolved.state->last_failure.cause();
        co_return Attempt{std::move(refused), Outcome::failed};
    }
    Attempt attempt = co_await within_share(work);
    permit.mark = mark_of(attempt.outcome);
    co_return attempt;
}

/// With a fallback the main URL has half of the time.
net::Awaitable<Attempt> Dispatcher::within_share(Work& work)
{
    const auto timeout = work.resolved.webhook->timeout;
    if (!work.resolved.fallback)
        co_return co_await with_retries(work, work.cancellation, work.started_at + timeout);
    const net::TimePoint half = work.started_at + timeout / 2;
    net::Cancellation share;
    const net::OnCancel link(work.cancellation, [&] { share.request(work.cancellation.reason()); });
    const net::Deadline deadline(wheel_, share, half);
    co_return co_await with_retries(work, share, half);
}

net::Awaitable<Attempt> Dispatcher::with_retries(Work& work, net::Cancellation& cancellation, net::TimePoint limit)
{
    const Endpoint& endpoint = work.resolved.main;
    const unsigned retries = work.resolved.webhook->policies->retries;
    if (endpoint.budget)
        endpoint.budget->count_request(net::Clock::now());
    while (true) {
        Attempt attempt = co_await ask(work, endpoint, cancellation);
        if (attempt.outcome != Outcome::transient || work.result.retries == retries || cancellation.requested())
            co_return attempt;
        const net::TimePoint next_at = net::Clock::now() + backoff(work.result.retries, random_());
        if (next_at + min_attempt_time > limit)
            co_return attempt;
        if (!endpoint.budget->take_retry(net::Clock::now())) {
            attempt.decision.detail += "; not retried: the origin's retry budget is used up";
            co_return attempt;
        }
        ++work.result.retries;
        work.metrics.retries.add();
        const net::TimePoint paused_at = net::Clock::now();
        co_await net::pause(wheel_, next_at, cancellation);
        work.result.pauses += net::Clock::now() - paused_at;
        if (cancellation.requested()) {
            if (cancellation.reason() != net::CancelReason::deadline)
                attempt = {cancelled(cancellation.reason()), Outcome::final};
            co_return attempt;
        }
    }
}

} // namespace dialhook::dispatch
