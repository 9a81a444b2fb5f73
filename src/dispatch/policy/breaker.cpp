#include "dispatch/policy/breaker.hpp"

#include "dispatch/policy/policy.hpp"

namespace dialhook::dispatch {

Breaker::Admission Breaker::admit(Clock::time_point now)
{
    const std::lock_guard lock(mutex_);
    if (!is_open_)
        return Admission::pass;
    if (now < open_until_ || is_probed_)
        return Admission::refused;
    is_probed_ = true;
    return Admission::probe;
}

void Breaker::report(Admission admission, BreakerMark mark, Clock::time_point now)
{
    const std::lock_guard lock(mutex_);
    if (admission == Admission::probe)
        is_probed_ = false;
    else if (is_open_)
        return; // it was under way when the breaker opened
    switch (mark) {
    case BreakerMark::neutral:
        return;
    case BreakerMark::answer:
        in_a_row_ = 0;
        is_open_ = false;
        return;
    case BreakerMark::failure:
        ++in_a_row_;
        if (is_open_ || in_a_row_ >= options_.failures) {
            is_open_ = true;
            open_until_ = now + options_.open_for;
        }
    }
}

Breaker::State Breaker::state(Clock::time_point now) const
{
    const std::lock_guard lock(mutex_);
    if (!is_open_)
        return State::closed;
    return now < open_until_ ? State::open : State::half_open;
}

namespace {

BreakerMark mark_of(Outcome outcome)
{
    if (is_http_failure(outcome))
        return BreakerMark::failure;
    return outcome == Outcome::final ? BreakerMark::neutral : BreakerMark::answer;
}

/// One dispatch's permit to pass a breaker. It reports, whatever becomes of the dispatch.
class BreakerPermit
{
public:
    explicit BreakerPermit(Breaker& breaker)
        : breaker_(breaker)
        , admission_(breaker.admit(net::Clock::now()))
    {
    }
    ~BreakerPermit()
    {
        if (!is_refused())
            breaker_.report(admission_, mark, net::Clock::now());
    }
    BreakerPermit(const BreakerPermit&) = delete;
    BreakerPermit& operator=(const BreakerPermit&) = delete;

    bool is_refused() const { return admission_ == Breaker::Admission::refused; }

    BreakerMark mark = BreakerMark::neutral;

private:
    Breaker& breaker_;
    Breaker::Admission admission_;
};

net::Awaitable<Attempt> unless_open(Work& work, Limit limit, Inner inner)
{
    BreakerPermit permit(*work.resolved.breaker);
    if (permit.is_refused()) {
        Decision refused = Decision::failure(Reason::circuit_open);
        refused.detail =
            "the circuit breaker is open after consecutive failures" + work.resolved.state->last_failure.cause();
        co_return Attempt{std::move(refused), Outcome::failed};
    }
    Attempt attempt = co_await inner(work, limit);
    permit.mark = mark_of(attempt.outcome);
    co_return attempt;
}

} // namespace

net::Awaitable<Attempt> behind_breaker(Work& work, Limit limit, Inner inner)
{
    return work.resolved.breaker ? unless_open(work, limit, inner) : inner(work, limit);
}

} // namespace dialhook::dispatch
