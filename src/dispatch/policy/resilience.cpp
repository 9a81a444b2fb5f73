#include "dispatch/attempt.hpp"
#include "dispatch/dispatcher.hpp"
#include "dispatch/policy/backoff.hpp"
#include "dispatch/request_text.hpp"
#include "dispatch/signature.hpp"
#include "net/loop/pause.hpp"

#include <cstdint>
#include <string>
#include <utility>

/// What a firing does beyond asking once: cache, breaker, retries and fallback, all within one deadline. Each function
/// below wraps the next one.
namespace dialhook::dispatch {
namespace {

using namespace std::chrono_literals;

/// A retry is not begun when less than this would be left for it.
constexpr std::chrono::milliseconds shortest_try = 20ms;

BreakerMark mark_of(Outcome outcome)
{
    if (is_http_failure(outcome))
        return BreakerMark::failure;
    return outcome == Outcome::final ? BreakerMark::neutral : BreakerMark::answer;
}

/// One firing's pass through a breaker. It reports, whatever becomes of the firing.
class Pass
{
public:
    explicit Pass(Breaker* breaker)
        : breaker_(breaker)
        , admission_(breaker == nullptr ? Breaker::Admission::pass : breaker->admit(net::Clock::now()))
    {
    }
    ~Pass()
    {
        if (breaker_ != nullptr && !is_refused())
            breaker_->report(admission_, mark, net::Clock::now());
    }
    Pass(const Pass&) = delete;
    Pass& operator=(const Pass&) = delete;

    bool is_refused() const { return admission_ == Breaker::Admission::refused; }

    BreakerMark mark = BreakerMark::neutral;

private:
    Breaker* breaker_;
    Breaker::Admission admission_;
};

/// Whether this dialplan can use what was kept, or what another call asked for.
bool serves(const Decision& decision, const Firing& firing)
{
    return decision.reason() || !firing.needs_destination || decision.destination;
}

Decision kept(Decision decision, Source source)
{
    decision.source = source;
    return decision;
}

Decision stopped(net::StopCause cause)
{
    return Decision::failure(cause == net::StopCause::deadline ? Reason::timeout : Reason::shutdown);
}

} // namespace

net::Awaitable<void> Dispatcher::decide_by_policies(Work& work)
{
    const Policies& policies = *work.hook.webhook->policies;
    if (!policies.secrets.empty())
        work.webhook_id = new_webhook_id();
    const bool keeps_replies = policies.cache != 0ms || policies.stale_if_error != 0ms;
    if (keeps_replies && work.firing.code.empty()) // a code is a secret: nothing of its request is kept
        work.fired.decision = co_await answered_once(work);
    else
        work.fired.decision = co_await answered_or_stale(work, {});
}

/// What an HTTP failure leaves to answer with, if anything.
std::optional<Decision> Dispatcher::stale_reply(const Work& work, const std::string& request) const
{
    const auto age = work.hook.webhook->policies->stale_if_error;
    if (age == 0ms)
        return std::nullopt;
    auto found = work.hook.replies->find(request, age, net::Clock::now());
    if (!found || !serves(*found, work.firing))
        return std::nullopt;
    work.tally.stale.add();
    return kept(*std::move(found), Source::stale);
}

/// Of a call that waited for the answer to another one.
Decision Dispatcher::out_of_time(const Work& work, const std::string& request) const
{
    if (work.stop.cause() == net::StopCause::deadline)
        if (auto found = stale_reply(work, request))
            return *std::move(found);
    return stopped(work.stop.cause());
}

/// From the cache, or together with all who ask the same at this moment.
net::Awaitable<Decision> Dispatcher::answered_once(Work& work)
{
    const Policies& policies = *work.hook.webhook->policies;
    const std::string request = request_key(*work.hook.webhook, work.firing);
    if (policies.cache == 0ms)
        co_return co_await answered_or_stale(work, request);

    // What one call needs of a reply may fail another one.
    const std::string shared = std::to_string(reinterpret_cast<std::uintptr_t>(work.hook.replies.get())) +
                               (work.firing.needs_destination ? "+" : "-") + request;
    while (true) {
        auto found = work.hook.replies->find(request, policies.cache, net::Clock::now());
        if (found && serves(*found, work.firing)) {
            work.tally.fresh.add();
            co_return kept(*std::move(found), Source::cache);
        }
        // One that has little time left would take its end for theirs.
        if (!flights_.is_under_way(shared, net::Clock::now() - work.hook.webhook->timeout / 4))
            break;
        auto decision = co_await flights_.join(shared, work.stop);
        if (decision) {
            work.tally.coalesced.add();
            co_return *std::move(decision);
        }
        if (work.stop.requested())
            co_return out_of_time(work, request);
    }
    Flights::Lead lead(flights_, shared);
    Decision decision = co_await answered_or_stale(work, request);
    const net::StopCause cause = work.stop.cause();
    if (cause == net::StopCause::none || cause == net::StopCause::deadline)
        lead.land(decision);
    co_return decision;
}

/// `request` is what a reply is kept for; empty: none is.
net::Awaitable<Decision> Dispatcher::answered_or_stale(Work& work, const std::string& request)
{
    Attempt attempt = co_await behind_breaker(work);
    const bool came_from_url = attempt.decision.source == Source::url;
    if (attempt.outcome == Outcome::success && came_from_url && !request.empty())
        work.hook.replies->keep(request, attempt.decision, net::Clock::now());

    if (is_http_failure(attempt.outcome) && work.hook.fallback && !work.stop.requested()) {
        Attempt other = co_await ask(work, *work.hook.fallback, work.stop);
        if (other.outcome == Outcome::success || other.outcome == Outcome::answered)
            co_return std::move(other.decision);
        if (work.stop.cause() == net::StopCause::shutdown)
            co_return std::move(other.decision);
    }
    if (is_http_failure(attempt.outcome) && !request.empty())
        if (auto found = stale_reply(work, request))
            co_return *std::move(found);
    co_return std::move(attempt.decision);
}

net::Awaitable<Attempt> Dispatcher::behind_breaker(Work& work)
{
    Pass pass(work.hook.breaker.get());
    if (pass.is_refused()) {
        Decision refused = Decision::failure(Reason::circuit_open);
        refused.detail =
            "the circuit breaker is open after consecutive failures" + work.hook.state->last_failure.cause();
        co_return Attempt{std::move(refused), Outcome::failed};
    }
    Attempt attempt = co_await within_share(work);
    pass.mark = mark_of(attempt.outcome);
    co_return attempt;
}

/// With a fallback the main URL has half of the time.
net::Awaitable<Attempt> Dispatcher::within_share(Work& work)
{
    const auto timeout = work.hook.webhook->timeout;
    if (!work.hook.fallback)
        co_return co_await with_retries(work, work.stop, work.started_at + timeout);
    const net::TimePoint half = work.started_at + timeout / 2;
    net::Stop share;
    const net::OnStop link(work.stop, [&] { share.request(work.stop.cause()); });
    const net::Deadline deadline(wheel_, share, half);
    co_return co_await with_retries(work, share, half);
}

net::Awaitable<Attempt> Dispatcher::with_retries(Work& work, net::Stop& stop, net::TimePoint limit)
{
    const Endpoint& endpoint = work.hook.main;
    const unsigned retries = work.hook.webhook->policies->retries;
    if (endpoint.budget)
        endpoint.budget->count_request(net::Clock::now());
    while (true) {
        Attempt attempt = co_await ask(work, endpoint, stop);
        if (attempt.outcome != Outcome::transient || work.fired.retries == retries || stop.requested())
            co_return attempt;
        const net::TimePoint next_at = net::Clock::now() + backoff(work.fired.retries, random_());
        if (next_at + shortest_try > limit)
            co_return attempt;
        if (!endpoint.budget->take_retry(net::Clock::now())) {
            attempt.decision.detail += "; not retried: the origin's retry budget is used up";
            co_return attempt;
        }
        ++work.fired.retries;
        work.tally.retries.add();
        const net::TimePoint paused_at = net::Clock::now();
        co_await net::pause(wheel_, next_at, stop);
        work.fired.pauses += net::Clock::now() - paused_at;
        if (stop.requested()) {
            if (stop.cause() != net::StopCause::deadline)
                attempt = {stopped(stop.cause()), Outcome::final};
            co_return attempt;
        }
    }
}

} // namespace dialhook::dispatch
