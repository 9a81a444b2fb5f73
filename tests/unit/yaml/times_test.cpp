#include "yaml/times.hpp"

#include <gtest/gtest.h>

#include <ostream>
#include <string_view>

namespace dialhook::config {
namespace {

using namespace std::chrono_literals;

struct Good
{
    std::string_view text;
    std::chrono::milliseconds time;
};

TEST(Times, AreReadExactly)
{
    const Good cases[] = {
        {"250ms", 250ms}, {"1.5s", 1500ms}, {"2m", 2min},    {"1h", 1h},          {"5", 5s},
        {"0.25", 250ms},  {"0", 0ms},       {"0ms", 0ms},    {"0.0", 0ms},        {"007", 7s},
        {"1.50m", 90s},   {"0.1h", 6min},   {"24h", 24h},    {"86400", 24h},      {"1.000000000s", 1s},
        {"0.001", 1ms},   {"0.0010s", 1ms}, {"1.00ms", 1ms}, {"86400000ms", 24h}, {"0.00001h", 36ms},
    };
    for (const auto& [text, time] : cases) {
        const auto read = parse_time(text);
        ASSERT_TRUE(read) << text;
        EXPECT_EQ(*read, time) << text;
    }
}

struct Bad
{
    std::string_view text;
    TimeFault fault;
};

TEST(Times, RefuseTheRest)
{
    const Bad cases[] = {
        {"", TimeFault::form},
        {"s", TimeFault::form},
        {"5 s", TimeFault::form},
        {"5sec", TimeFault::form},
        {"5S", TimeFault::form},
        {"1d", TimeFault::form},
        {"1.s", TimeFault::form},
        {".5s", TimeFault::form},
        {"1,5s", TimeFault::form},
        {"1e3", TimeFault::form},
        {"+5s", TimeFault::form},
        {"--5s", TimeFault::form},
        {"1m30s", TimeFault::form},
        {".inf", TimeFault::form},
        {"0x10", TimeFault::form},
        {"-5s", TimeFault::negative},
        {"-0", TimeFault::negative},
        {"-0.5ms", TimeFault::negative},
        {"0.5ms", TimeFault::too_fine},
        {"0.0005", TimeFault::too_fine},
        {"1.00005ms", TimeFault::too_fine},
        {"0.0000001h", TimeFault::too_fine},
        {"25h", TimeFault::too_long},
        {"24.001h", TimeFault::too_long},
        {"86401", TimeFault::too_long},
        {"99999999999999999999999999999999h", TimeFault::too_long},
    };
    for (const auto& [text, fault] : cases) {
        const auto read = parse_time(text);
        ASSERT_FALSE(read) << text;
        EXPECT_EQ(read.error(), fault) << text;
    }
}

TEST(Times, AreShownInTheLargestWholeUnit)
{
    EXPECT_EQ(show(0ms), "0s");
    EXPECT_EQ(show(1ms), "1ms");
    EXPECT_EQ(show(1500ms), "1500ms");
    EXPECT_EQ(show(5s), "5s");
    EXPECT_EQ(show(90s), "90s");
    EXPECT_EQ(show(2min), "2m");
    EXPECT_EQ(show(24h), "24h");
}

} // namespace
} // namespace dialhook::config
