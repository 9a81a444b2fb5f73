#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <mutex>

namespace dialhook::dispatch {

/// How many retries an origin bears: one for ten requests of the last 10 s, but always 10 in 10 s. A web server that
/// fails under its load is not buried under retries. Shared by all threads and all webhooks of the origin.
///
/// The ten are exact to the clock. Requests, and the retries that they allow, are counted by half seconds, so their
/// last 10 s are up to half a second short: an origin has one of these, and there may be many.
class RetryBudget
{
public:
    using Clock = std::chrono::steady_clock;

    static constexpr std::uint32_t requests_per_retry = 10;
    static constexpr std::size_t always_allowed = 10;
    static constexpr std::chrono::seconds window{10};

    /// Counts a first request, which goes out.
    void count_request(Clock::time_point now);

    /// Returns whether a retry may go out; it is counted then.
    bool take_retry(Clock::time_point now);

private:
    using HalfSeconds = std::chrono::duration<std::int64_t, std::ratio<1, 2>>;
    static constexpr std::size_t stretches = HalfSeconds(window).count();

    struct Stretch
    {
        std::int64_t number = -1;
        std::uint32_t requests = 0;
        std::uint32_t retries = 0;
    };

    static std::int64_t number_of(Clock::time_point now);
    Stretch& at(Clock::time_point now);
    bool is_earned(Clock::time_point now) const;

    std::mutex mutex_;
    std::array<Stretch, stretches> counts_{};
    std::array<Clock::time_point, always_allowed> latest_{}; ///< retries, in a ring
    std::size_t oldest_ = 0;                                 ///< of `latest_`
    std::size_t known_ = 0;                                  ///< how many `latest_` holds
};

} // namespace dialhook::dispatch
