#include "log/rate_limit.hpp"

#include <gtest/gtest.h>

#include <string>

namespace dialhook::log {
namespace {

using namespace std::chrono_literals;
constexpr auto left_out = std::nullopt;

class RateLimitTest : public testing::Test
{
protected:
    std::optional<std::uint64_t> next(std::string_view kind, std::string_view message = "a webhook fails")
    {
        return rate_limit_.next(message, kind, now_);
    }

    RateLimit rate_limit_;
    RateLimit::Clock::time_point now_{1h};
};

TEST_F(RateLimitTest, TheFirstIsWrittenAndThenOneAMinuteWithTheNumberOfThoseSince)
{
    EXPECT_EQ(next("crm connect"), 1U);
    EXPECT_EQ(next("crm connect"), left_out);
    now_ += 59'999ms;
    EXPECT_EQ(next("crm connect"), left_out);
    now_ += 1ms;
    EXPECT_EQ(next("crm connect"), 3U);
    EXPECT_EQ(next("crm connect"), left_out);
    now_ += 1h;
    EXPECT_EQ(next("crm connect"), 2U);
}

TEST_F(RateLimitTest, EachMessageAndKindIsCountedByItself)
{
    EXPECT_EQ(next("crm connect"), 1U);
    EXPECT_EQ(next("crm dns"), 1U);
    EXPECT_EQ(next("crm connect", "request refused"), 1U);
    EXPECT_EQ(next("crm dns"), left_out);
}

TEST_F(RateLimitTest, StrangersCannotFillTheMemory)
{
    for (std::size_t n = 0; n < RateLimit::max_kinds; ++n)
        EXPECT_EQ(next(std::to_string(n)), 1U);
    EXPECT_EQ(next("one more"), left_out);
    now_ += RateLimit::period;
    EXPECT_EQ(next("one more"), 1U) << "the others are old enough to be forgotten";
}

} // namespace
} // namespace dialhook::log
