#include "base/pace.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <chrono>

namespace dialhook {
namespace {

/// How often this thread goes to sleep by itself while it works for a hundred slices.
long sleeps_while_working()
{
    const auto sleeps = [] {
        rusage usage{};
        ::getrusage(RUSAGE_THREAD, &usage);
        return usage.ru_nvcsw;
    };
    const long before = sleeps();
    const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(50);
    while (std::chrono::steady_clock::now() < end)
        Pace::between_pieces();
    return sleeps() - before;
}

TEST(Pace, SleepsAfterEachSliceWhileItLives)
{
    EXPECT_LT(sleeps_while_working(), 5);
    {
        const Pace pace;
        EXPECT_GT(sleeps_while_working(), 1);
    }
    EXPECT_LT(sleeps_while_working(), 5);
}

} // namespace
} // namespace dialhook
