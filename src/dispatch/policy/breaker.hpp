#pragma once

#include "webhook/policies.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <mutex>
#include <string_view>

namespace dialhook::dispatch {

/// How a dispatch came out, for the breaker.
enum class BreakerMark : unsigned char
{
    failure, ///< an HTTP failure
    answer,  ///< an answer, be it a no: it ends a row of failures
    neutral  ///< says nothing of the web server
};

/// Keeps dispatches from a web server that fails: after `failures` in a row it is open for `open_for`, then it lets a
/// single dispatch try, and that one closes it or opens it again. Pure arithmetic behind a lock; shared by all threads.
class Breaker
{
public:
    using Clock = std::chrono::steady_clock;

    enum class State : unsigned char
    {
        closed,
        open,
        half_open ///< `open_for` is over: the next dispatch is the probe
    };

    /// Returns the name of a state on the control socket and the status page.
    static constexpr std::string_view to_string(State state)
    {
        constexpr std::array<std::string_view, 3> names{"closed", "open", "half_open"};
        return names[static_cast<std::size_t>(state)];
    }

    enum class Admission : unsigned char
    {
        pass,
        probe, ///< it passes, and what comes of it decides
        refused
    };

    explicit Breaker(BreakerOptions options)
        : options_(options)
    {
    }

    /// Returns whether a dispatch may ask the web server. One that may is followed by `report`.
    Admission admit(Clock::time_point now);

    void report(Admission admission, BreakerMark mark, Clock::time_point now);

    State state(Clock::time_point now) const;

private:
    mutable std::mutex mutex_;
    BreakerOptions options_;
    std::uint32_t in_a_row_ = 0;
    bool is_open_ = false;
    bool is_probed_ = false;
    Clock::time_point open_until_;
};

} // namespace dialhook::dispatch
