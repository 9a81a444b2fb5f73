#include <dialhook/dispatch/retry_budget.hpp>

#include <algorithm>

namespace dialhook::dispatch {
namespace {

std::int64_t second_of(RetryBudget::Clock::time_point now)
{
    return std::chrono::floor<std::chrono::seconds>(now.time_since_epoch()).count();
}

} // namespace

RetryBudget::Second& RetryBudget::at(Clock::time_point now)
{
    const std::int64_t number = second_of(now);
    Second& second = window_[static_cast<std::size_t>(number) % seconds];
    if (second.number != number)
        second = {number, 0, 0};
    return second;
}

void RetryBudget::count_request(Clock::time_point now)
{
    const std::lock_guard lock(mutex_);
    ++at(now).requests;
}

bool RetryBudget::take_retry(Clock::time_point now)
{
    const std::lock_guard lock(mutex_);
    const std::int64_t oldest = second_of(now) - static_cast<std::int64_t>(seconds) + 1;
    std::uint64_t requests = 0;
    std::uint64_t retries = 0;
    for (const Second& second : window_) {
        if (second.number < oldest)
            continue;
        requests += second.requests;
        retries += second.retries;
    }
    if (retries >= std::max(always_allowed, requests / requests_per_retry))
        return false;
    ++at(now).retries;
    return true;
}

} // namespace dialhook::dispatch
