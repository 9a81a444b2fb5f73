#include "dispatch/policy/retry_budget.hpp"

namespace dialhook::dispatch {

std::int64_t RetryBudget::number_of(Clock::time_point now)
{
    return std::chrono::floor<HalfSeconds>(now.time_since_epoch()).count();
}

RetryBudget::Stretch& RetryBudget::at(Clock::time_point now)
{
    const std::int64_t number = number_of(now);
    Stretch& stretch = counts_[static_cast<std::size_t>(number) % stretches];
    if (stretch.number != number)
        stretch = {number, 0, 0};
    return stretch;
}

void RetryBudget::count_request(Clock::time_point now)
{
    const std::lock_guard lock(mutex_);
    ++at(now).requests;
}

/// Returns whether ten requests were made for each retry, this one included.
bool RetryBudget::is_earned(Clock::time_point now) const
{
    const std::int64_t first = number_of(now) - static_cast<std::int64_t>(stretches) + 1;
    std::uint64_t requests = 0;
    std::uint64_t retries = 0;
    for (const Stretch& stretch : counts_) {
        if (stretch.number < first)
            continue;
        requests += stretch.requests;
        retries += stretch.retries;
    }
    return retries < requests / requests_per_retry;
}

bool RetryBudget::take_retry(Clock::time_point now)
{
    const std::lock_guard lock(mutex_);
    const bool is_one_of_ten = known_ < always_allowed || now - latest_[oldest_] >= window;
    if (!is_one_of_ten && !is_earned(now))
        return false;
    ++at(now).retries;
    latest_[oldest_] = now;
    oldest_ = (oldest_ + 1) % always_allowed;
    if (known_ < always_allowed)
        ++known_;
    return true;
}

} // namespace dialhook::dispatch
