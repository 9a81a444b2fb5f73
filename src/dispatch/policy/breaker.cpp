#include "dispatch/policy/breaker.hpp"

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

} // namespace dialhook::dispatch
