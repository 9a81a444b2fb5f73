#include "fastagi/command.hpp"

#include <dialhook/call/text.hpp>

#include <gtest/gtest.h>

#include <random>

namespace dialhook::fastagi {
namespace {

TEST(Command, EveryArgumentIsQuoted)
{
    EXPECT_EQ(command::set_variable("CALLERID(name)", "Anna \"Q\" \\ M\xC3\xBCller"),
              "SET VARIABLE \"CALLERID(name)\" \"Anna \\\"Q\\\" \\\\ M\xC3\xBCller\"");
    EXPECT_EQ(command::set_variable("X", ""), R"(SET VARIABLE "X" "")");
    EXPECT_EQ(command::exec("Dial", "PJSIP/101@trunk,30"), R"(EXEC "Dial" "PJSIP/101@trunk,30")");
    EXPECT_EQ(command::stream_file("welcome", ""), R"(STREAM FILE "welcome" "")");
    EXPECT_EQ(command::get_data("enter-code", 10000, 32), R"(GET DATA "enter-code" "10000" "32")");
    EXPECT_EQ(command::wait_for_digit(1500), R"(WAIT FOR DIGIT "1500")");
    EXPECT_EQ(command::verbose("a b"), R"(VERBOSE "a b" "1")");
}

TEST(Command, LineEndsAndControlCharactersGo)
{
    EXPECT_EQ(command::quoted("a\r\nHANGUP\n\x01\x7F\xC2\x85z"), "\"aHANGUPz\"");
    EXPECT_EQ(command::quoted("${SHELL(id)} $[1+1],;&"), "\"${SHELL(id)} $[1+1],;&\"");
}

TEST(Command, LongValuesAreCutAtACharacter)
{
    const std::string quotes(5000, '"');
    const std::string line = command::quoted(quotes);
    EXPECT_LE(line.size(), command::max_argument + 2);
    EXPECT_EQ(line.size() % 2, 0U) << "no half of an escape";
    std::string euros;
    while (euros.size() < 6000)
        euros += "\xE2\x82\xAC";
    EXPECT_TRUE(text::is_utf8(command::quoted(euros)));
}

/// Asterisk's own way to take a quoted word apart: whatever the value, it is one word.
TEST(Command, NoValueBecomesASecondWord)
{
    std::mt19937 random(20261124);
    for (int round = 0; round < 5000; ++round) {
        std::string value;
        for (auto size = random() % 20; size != 0; --size)
            value += "\"\\ \na'$;,x"[random() % 11];
        const std::string quoted = command::quoted(value);
        ASSERT_TRUE(quoted.size() >= 2 && quoted.front() == '"' && quoted.back() == '"');
        std::string read;
        bool escaped = false;
        for (const char c : quoted.substr(1, quoted.size() - 2)) {
            ASSERT_TRUE(escaped || c != '"') << quoted;
            ASSERT_NE(c, '\n');
            if (!escaped && c == '\\') {
                escaped = true;
                continue;
            }
            escaped = false;
            read += c;
        }
        EXPECT_FALSE(escaped);
        EXPECT_EQ(read, text::without_controls(value));
    }
}

} // namespace
} // namespace dialhook::fastagi
