#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <mutex>

namespace dialhook::dispatch {

/// How many retries an origin bears: one for ten requests of the last 10 s, but always 10 in 10 s. A web server that
/// fails under its load is not buried under retries. Shared by all threads and all webhooks of the origin.
class RetryBudget
{
public:
    using Clock = std::chrono::steady_clock;

    static constexpr std::uint64_t requests_per_retry = 10;
    static constexpr std::uint64_t always_allowed = 10;

    /// A first request goes out.
    void count_request(Clock::time_point now);

    /// Whether a retry may go out; it is counted then.
    bool take_retry(Clock::time_point now);

private:
    static constexpr std::size_t seconds = 10;

    struct Second
    {
        std::int64_t number = -1;
        std::uint64_t requests = 0;
        std::uint64_t retries = 0;
    };

    Second& at(Clock::time_point now);

    std::mutex mutex_;
    std::array<Second, seconds> window_{};
};

} // namespace dialhook::dispatch
