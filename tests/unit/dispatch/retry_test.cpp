#include "dispatch/policy/backoff.hpp"
#include "dispatch/policy/retry_budget.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace dialhook::dispatch {
namespace {

using namespace std::chrono_literals;

const RetryBudget::Clock::time_point start{1000s};

int retries_left(RetryBudget& budget, RetryBudget::Clock::time_point now)
{
    int count = 0;
    while (budget.take_retry(now))
        ++count;
    return count;
}

TEST(RetryBudget, TenAreAlwaysAllowed)
{
    RetryBudget budget;
    EXPECT_EQ(retries_left(budget, start), 10);
    EXPECT_EQ(retries_left(budget, start + 9s), 0);
    EXPECT_EQ(retries_left(budget, start + 10s), 10);
}

TEST(RetryBudget, TenInAnyTenSecondsAndNoMore)
{
    RetryBudget budget;
    const auto late = start + 990ms; // ten seconds later is nine whole seconds and a bit by the calendar
    EXPECT_EQ(retries_left(budget, late), 10);
    EXPECT_EQ(retries_left(budget, late + 9'010ms), 0);
    EXPECT_EQ(retries_left(budget, late + 9'999ms), 0);
    EXPECT_EQ(retries_left(budget, late + 10s), 10);
}

TEST(RetryBudget, EachOfTheTenComesBackByItself)
{
    RetryBudget budget;
    for (int second = 0; second < 10; ++second)
        ASSERT_TRUE(budget.take_retry(start + std::chrono::seconds(second)));
    EXPECT_EQ(retries_left(budget, start + 9s), 0);
    for (int second = 10; second < 30; ++second)
        EXPECT_EQ(retries_left(budget, start + std::chrono::seconds(second)), 1) << second;
}

TEST(RetryBudget, BusyOriginsBearOneForTenRequests)
{
    RetryBudget budget;
    for (int request = 0; request < 1005; ++request)
        budget.count_request(start + std::chrono::milliseconds(request));
    EXPECT_EQ(retries_left(budget, start + 2s), 100);
    EXPECT_EQ(retries_left(budget, start + 9s), 0);
    EXPECT_EQ(retries_left(budget, start + 12s), 10) << "requests and retries are forgotten together";
}

TEST(RetryBudget, AnHourWithoutACallLeavesNothingBehind)
{
    RetryBudget budget;
    EXPECT_EQ(retries_left(budget, start), 10);
    EXPECT_EQ(retries_left(budget, start + 1h), 10);
}

TEST(Backoff, DrawsFromASpanThatDoubles)
{
    std::mt19937 random(20261124);
    const std::pair<unsigned, int> spans[] = {{0, 50},  {1, 100},  {2, 200},   {3, 400},
                                              {4, 800}, {5, 1000}, {10, 1000}, {4'000'000'000U, 1000}};
    for (const auto& [retry, span] : spans) {
        auto least = 1'000'000ms;
        auto most = 0ms;
        for (int draw = 0; draw < 20'000; ++draw) {
            const auto wait = backoff(retry, random());
            least = std::min(least, wait);
            most = std::max(most, wait);
        }
        EXPECT_EQ(least, 0ms) << retry;
        EXPECT_EQ(most, std::chrono::milliseconds(span)) << retry;
    }
}

} // namespace
} // namespace dialhook::dispatch
