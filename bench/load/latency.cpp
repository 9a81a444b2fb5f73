#include "latency.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace dialhook::bench {
namespace {

constexpr unsigned fine_bits = 8; // 2^8 steps for each doubling
constexpr std::uint64_t fine = std::uint64_t{1} << fine_bits;
constexpr std::size_t doublings = 64 - fine_bits;

} // namespace

Latency::Latency()
    : steps_((doublings + 1) * fine)
{
}

/// The first 2^8 steps are one nanosecond wide, each further 2^8 twice as wide as those before.
std::size_t Latency::step_of(std::uint64_t nanoseconds)
{
    if (nanoseconds < fine)
        return nanoseconds;
    const auto shift = static_cast<unsigned>(std::bit_width(nanoseconds)) - fine_bits - 1;
    return (shift + 1) * fine + ((nanoseconds >> shift) - fine);
}

std::uint64_t Latency::top_of(std::size_t step)
{
    if (step < fine)
        return step;
    const auto shift = step / fine - 1;
    return ((step % fine + fine + 1) << shift) - 1;
}

void Latency::record(Nanoseconds taken)
{
    ++steps_[step_of(static_cast<std::uint64_t>(std::max(taken, Nanoseconds{0}).count()))];
    ++count_;
    longest_ = std::max(longest_, taken);
}

Latency::Nanoseconds Latency::percentile(double share) const
{
    const auto wanted = static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count_)));
    std::uint64_t seen = 0;
    for (std::size_t step = 0; step < steps_.size(); ++step) {
        seen += steps_[step];
        if (seen >= wanted && seen > 0)
            return std::min(Nanoseconds{static_cast<std::int64_t>(top_of(step))}, longest_);
    }
    return longest_;
}

} // namespace dialhook::bench
