#include "dispatch/thread_share.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

namespace dialhook::dispatch {
namespace {

TEST(ThreadShare, AllSharesTogetherAreTheWhole)
{
    for (unsigned threads = 1; threads <= 17; ++threads) {
        for (std::uint32_t total : {0U, 1U, 2U, 16U, 17U, 18U, 255U, 256U, 10'000U}) {
            std::uint32_t sum = 0;
            std::uint32_t least = std::numeric_limits<std::uint32_t>::max();
            std::uint32_t most = 0;
            for (unsigned index = 0; index < threads; ++index) {
                const std::uint32_t share = ThreadShare{index, threads}.of(total);
                sum += share;
                least = std::min(least, share);
                most = std::max(most, share);
            }
            EXPECT_EQ(sum, total) << threads;
            EXPECT_LE(most - least, 1U) << threads << " threads, " << total;
        }
    }
}

/// What is kept open fits into what may be open, on every thread.
TEST(ThreadShare, ASmallerTotalHasNoLargerShare)
{
    for (unsigned threads = 1; threads <= 9; ++threads)
        for (unsigned index = 0; index < threads; ++index)
            for (std::uint32_t total = 1; total < 40; ++total)
                EXPECT_LE((ThreadShare{index, threads}.of(total - 1)), (ThreadShare{index, threads}.of(total)));
}

} // namespace
} // namespace dialhook::dispatch
