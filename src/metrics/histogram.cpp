#include "metrics/histogram.hpp"

#include <numeric>

namespace dialhook::dispatch {

void Distribution::add(const Histogram& histogram)
{
    for (std::size_t range = 0; range < counts_.size(); ++range)
        counts_[range] += histogram.ranges_[range].value();
    sum_ += histogram.sum_.value();
}

Distribution Distribution::since(const Distribution& earlier) const
{
    Distribution difference;
    for (std::size_t range = 0; range < counts_.size(); ++range)
        difference.counts_[range] = counts_[range] - earlier.counts_[range];
    difference.sum_ = sum_ - earlier.sum_;
    return difference;
}

std::uint64_t Distribution::total() const
{
    return std::accumulate(counts_.begin(), counts_.end(), std::uint64_t{0});
}

std::chrono::duration<double> Distribution::sum() const
{
    return Histogram::Duration(sum_);
}

std::chrono::duration<double> Distribution::quantile(double share) const
{
    const double rank = share * static_cast<double>(total());
    double below = 0;
    std::chrono::duration<double> lower{0};
    for (std::size_t range = 0; range < Histogram::bounds.size(); ++range) {
        const std::chrono::duration<double> upper = Histogram::bounds[range];
        const auto count = static_cast<double>(counts_[range]);
        if (count > 0 && below + count >= rank)
            return lower + (upper - lower) * ((rank - below) / count);
        below += count;
        lower = upper;
    }
    return total() == 0 ? std::chrono::duration<double>(0) : lower;
}

} // namespace dialhook::dispatch
