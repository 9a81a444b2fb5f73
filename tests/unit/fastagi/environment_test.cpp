#include "fastagi/environment.hpp"

#include <gtest/gtest.h>

namespace dialhook::fastagi {
namespace {

TEST(Environment, TakesWhatAsteriskSays)
{
    Environment environment;
    for (const char* line : {"agi_network: yes", "agi_callerid: unknown", "agi_accountcode: ",
                             "agi_calleridname: Anna \"Q\": x", "agi_arg_1: two words", "agi_dnid:31"})
        EXPECT_TRUE(environment.take(line)) << line;
    EXPECT_EQ(environment.value("agi_network"), "yes");
    EXPECT_EQ(environment.value("agi_callerid"), "") << "`unknown` is no value";
    EXPECT_EQ(environment.value("agi_accountcode"), "");
    EXPECT_EQ(environment.value("agi_calleridname"), "Anna \"Q\": x");
    EXPECT_EQ(environment.value("agi_dnid"), "31");
    EXPECT_EQ(environment.value("agi_none"), "");
}

TEST(Environment, TheFirstValueCounts)
{
    Environment environment;
    environment.take("agi_dnid: 1");
    environment.take("agi_dnid: 2");
    EXPECT_EQ(environment.value("agi_dnid"), "1") << "a name with a line end in it changes nothing that came before";
}

TEST(Environment, RefusesEverythingElse)
{
    Environment environment;
    for (const char* line : {"", "agi_x", "GET / HTTP/1.1", "Agi_x: 1", "agi_X: 1", "agi_a b: 1", ": 1", "HANGUP"})
        EXPECT_FALSE(environment.take(line)) << line;
    for (std::size_t at = 0; at < Environment::max_lines; ++at)
        EXPECT_TRUE(environment.take("agi_arg_" + std::to_string(at) + ": x"));
    EXPECT_FALSE(environment.take("agi_arg_more: x"));

    Environment long_one;
    for (int at = 0; at < 31; ++at)
        EXPECT_TRUE(long_one.take("agi_arg_1: " + std::string(1024, 'x'))) << at;
    EXPECT_FALSE(long_one.take("agi_arg_1: " + std::string(1024, 'x'))) << "32 KiB are enough for any channel";
}

} // namespace
} // namespace dialhook::fastagi
