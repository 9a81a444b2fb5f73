#include "call/trace.hpp"

#include <gtest/gtest.h>

#include <string>

namespace dialhook {
namespace {

const std::string id = "4bf92f3577b34da6a3ce929d0e0e4736";
const std::string good = "00-" + id + "-00f067aa0ba902b7-01";

std::string text(const auto& characters)
{
    return {characters.begin(), characters.end()};
}

TEST(Trace, KeepsIdAndSampling)
{
    const auto trace = Trace::from(good);
    ASSERT_TRUE(trace);
    EXPECT_EQ(text(trace_id(*trace)), id);
    EXPECT_EQ(text(traceparent(*trace, 0x0123456789abcdef)), "00-" + id + "-0123456789abcdef-01");
    EXPECT_EQ(text(traceparent(*Trace::from("00-" + id + "-00f067aa0ba902b7-00"), 1)),
              "00-" + id + "-0000000000000001-00");
}

TEST(Trace, OfTheFlagsOnlySampledIsHandedOn)
{
    for (const auto& [flags, sampled] : {std::pair("ff", true), {"03", true}, {"02", false}, {"fe", false}})
        EXPECT_EQ(Trace::from("00-" + id + "-00f067aa0ba902b7-" + flags)->sampled, sampled) << flags;
}

TEST(Trace, LaterVersionsMayGoOn)
{
    EXPECT_TRUE(Trace::from("01" + good.substr(2)));
    EXPECT_TRUE(Trace::from("cc" + good.substr(2) + "-what-the-future-holds"));
    EXPECT_FALSE(Trace::from("cc" + good.substr(2) + "what-the-future-holds"));
}

TEST(Trace, AnythingElseIsNone)
{
    const std::string none[] = {
        "",
        "00",
        good.substr(0, 54),
        good + "-00",
        good + " ",
        " " + good,
        "ff" + good.substr(2),
        "0x" + good.substr(2),
        "00-" + std::string(32, '0') + "-00f067aa0ba902b7-01",
        "00-" + id + "-0000000000000000-01",
        "00-" + id + "-00f067aa0ba902b7-0x",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        "00-" + id + "-00F067AA0BA902B7-01",
        "00_" + id + "-00f067aa0ba902b7-01",
        "00-" + id + "_00f067aa0ba902b7-01",
        "00-" + id + "-00f067aa0ba902b7_01",
        "00-" + id.substr(1) + "g-00f067aa0ba902b7-01",
        std::string("00-") + id.substr(1) + '\0' + "-00f067aa0ba902b7-01",
        "00-" + id + "-00f067aa0ba902b7-01\r\nX-Evil: 1",
    };
    for (const auto& traceparent : none)
        EXPECT_FALSE(Trace::from(traceparent)) << traceparent;
}

} // namespace
} // namespace dialhook
