#include "delivery/retry_after.hpp"

#include <gtest/gtest.h>

namespace dialhook::delivery {
namespace {

using namespace std::chrono_literals;
using std::chrono::seconds;

/// Sun, 06 Nov 1994 08:49:37 GMT, the date of RFC 9110's examples.
constexpr std::chrono::system_clock::time_point example{seconds(784111777)};

TEST(RetryAfter, IsSeconds)
{
    EXPECT_EQ(read_retry_after("120", example), 120s);
    EXPECT_EQ(read_retry_after("0", example), 0s);
    EXPECT_EQ(read_retry_after("99999999999999999999999", example), 24h * 365) << "cut where sums could overflow";
}

TEST(RetryAfter, IsADateInEachOfTheFormsOfHttp)
{
    for (const char* const date :
         {"Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"})
    {
        EXPECT_EQ(read_retry_after(date, example - 90s), 90s) << date;
        EXPECT_EQ(read_retry_after(date, example - 1ms), 1s) << date << ": never too early";
        EXPECT_EQ(read_retry_after(date, example + 1h), 0s) << date << ": past";
    }
}

TEST(RetryAfter, IsNothingElse)
{
    for (const char* const other : {"", "soon", "-5", "1.5", "12 ", "0x10", "Sun, 06 Nov 1994", "1994-11-06T08:49:37Z",
                                    "Sun, 06 Nov 1994 08:49:37 GMT+1"})
        EXPECT_EQ(read_retry_after(other, example), std::nullopt) << other;
}

} // namespace
} // namespace dialhook::delivery
