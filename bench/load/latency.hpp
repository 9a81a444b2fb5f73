#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace dialhook::bench {

/// How long the calls took: a histogram with a fixed size, whose steps are never wider than 1/256 of the value, so that
/// recording neither allocates nor slows down in the middle of a measurement.
class Latency
{
public:
    using Nanoseconds = std::chrono::nanoseconds;

    Latency();

    void record(Nanoseconds taken);

    std::uint64_t count() const { return count_; }
    Nanoseconds longest() const { return longest_; }

    /// What at least `share` (0 to 1) of the calls did not exceed; zero when there were none.
    Nanoseconds percentile(double share) const;

private:
    static std::size_t step_of(std::uint64_t nanoseconds);
    static std::uint64_t top_of(std::size_t step);

    std::vector<std::uint64_t> steps_;
    std::uint64_t count_ = 0;
    Nanoseconds longest_{};
};

} // namespace dialhook::bench
