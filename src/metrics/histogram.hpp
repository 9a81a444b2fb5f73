#pragma once

#include "metrics/counter.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace dialhook::dispatch {

/// How long something took, counted by ranges. One thread observes, any thread reads.
class Histogram
{
public:
    using Duration = std::chrono::steady_clock::duration;

    /// The upper bounds of all ranges but the last one, which is open: what a web server on the same network takes,
    /// what one across the Internet takes, and how long callers are kept waiting (`timeout`). A dispatch that ran into
    /// its time-out is a tick over it and so one range higher.
    static constexpr std::array<std::chrono::microseconds, 16> bounds{
        std::chrono::microseconds(500), std::chrono::milliseconds(1),   std::chrono::milliseconds(2),
        std::chrono::milliseconds(5),   std::chrono::milliseconds(10),  std::chrono::milliseconds(20),
        std::chrono::milliseconds(50),  std::chrono::milliseconds(100), std::chrono::milliseconds(200),
        std::chrono::milliseconds(500), std::chrono::seconds(1),        std::chrono::seconds(2),
        std::chrono::seconds(3),        std::chrono::seconds(5),        std::chrono::seconds(10),
        std::chrono::seconds(30)};

    void observe(Duration took)
    {
        std::size_t range = 0;
        while (range < bounds.size() && took > bounds[range])
            ++range;
        ranges_[range].add();
        sum_.add(static_cast<std::uint64_t>(took.count()));
    }

private:
    friend class Distribution;

    std::array<net::Counter, bounds.size() + 1> ranges_;
    net::Counter sum_; ///< in ticks of `Duration`
};

/// What histograms held at a moment: those of all threads together, or the difference of two moments.
class Distribution
{
public:
    using Counts = std::array<std::uint64_t, Histogram::bounds.size() + 1>;

    void add(const Histogram& histogram);

    /// Returns what came since `earlier`, an earlier state of the same histograms.
    Distribution since(const Distribution& earlier) const;

    const Counts& counts() const { return counts_; }
    std::uint64_t total() const;
    std::chrono::duration<double> sum() const;

    /// Returns the quantile `share` (0 to 1): interpolated linearly within its range, and in the open range that
    /// range's lower bound. Returns zero when nothing was observed.
    std::chrono::duration<double> quantile(double share) const;

private:
    Counts counts_{};
    std::uint64_t sum_ = 0;
};

} // namespace dialhook::dispatch
