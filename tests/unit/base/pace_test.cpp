#include "base/pace.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <chrono>
#include <ctime>

namespace dialhook {
namespace {

/// What this thread has had of a processor: on a machine that is busy or emulated, much less than what went by.
std::chrono::nanoseconds processor_time()
{
    timespec used{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
    return std::chrono::seconds(used.tv_sec) + std::chrono::nanoseconds(used.tv_nsec);
}

/// How often this thread goes to sleep by itself while it works for a hundred slices.
long sleeps_while_working()
{
    const auto sleeps = [] {
        rusage usage{};
        ::getrusage(RUSAGE_THREAD, &usage);
        return usage.ru_nvcsw;
    };
    const long before = sleeps();
    const auto end = processor_time() + std::chrono::milliseconds(50);
    while (processor_time() < end)
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
