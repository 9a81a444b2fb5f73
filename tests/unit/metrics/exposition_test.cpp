#include "metrics/exposition.hpp"

#include <gtest/gtest.h>

namespace dialhook::status {
namespace {

using namespace std::chrono_literals;

TEST(Exposition, AFamilyAndItsSamples)
{
    std::string text;
    Exposition exposition(text);
    exposition.begin({"calls_total", MetricType::counter, "Calls."});
    exposition.sample("calls_total", {{"webhook", "CRM connection"}, {"reason", ""}}, std::uint64_t{7});
    exposition.sample("up", {}, 0.0005);
    EXPECT_EQ(text, "# HELP calls_total Calls.\n"
                    "# TYPE calls_total counter\n"
                    "calls_total{webhook=\"CRM connection\",reason=\"\"} 7\n"
                    "up 0.0005\n");
}

TEST(Exposition, ALabelOfAllSamplesStandsBeforeTheirOwn)
{
    std::string text;
    Exposition exposition(text);
    exposition.of({"webhook", "crm"});
    exposition.sample("a", {{"code", "200"}}, std::uint64_t{1});
    exposition.sample("b", {}, std::uint64_t{2});
    exposition.of({"webhook", "other"});
    exposition.sample("b", {}, std::uint64_t{3});
    EXPECT_EQ(text, "a{webhook=\"crm\",code=\"200\"} 1\nb{webhook=\"crm\"} 2\nb{webhook=\"other\"} 3\n");
}

TEST(Exposition, NothingEndsALabelEarly)
{
    std::string text;
    Exposition(text).sample("m", {{"a", "\"} 1\n\\"}}, std::uint64_t{1});
    EXPECT_EQ(text, "m{a=\"\\\"} 1\\n\\\\\"} 1\n");
}

TEST(Exposition, RangesOfAHistogramAddUp)
{
    dispatch::Histogram histogram;
    histogram.observe(500us);
    histogram.observe(500us + 1ns);
    histogram.observe(40s);
    dispatch::Distribution distribution;
    distribution.add(histogram);
    std::string text;
    Exposition(text).samples("s", {{"webhook", "w"}}, distribution);
    EXPECT_TRUE(text.starts_with("s_bucket{webhook=\"w\",le=\"0.0005\"} 1\n"
                                 "s_bucket{webhook=\"w\",le=\"0.001\"} 2\n"
                                 "s_bucket{webhook=\"w\",le=\"0.002\"} 2\n"))
        << text;
    EXPECT_TRUE(text.ends_with("s_bucket{webhook=\"w\",le=\"30\"} 2\n"
                               "s_bucket{webhook=\"w\",le=\"+Inf\"} 3\n"
                               "s_sum{webhook=\"w\"} 40.001000001\n"
                               "s_count{webhook=\"w\"} 3\n"))
        << text;
}

} // namespace
} // namespace dialhook::status
