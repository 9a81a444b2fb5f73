#include "api/fastagi/command.hpp"
#include "base/text.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace dialhook::fastagi {
namespace {

TEST(Command, EveryArgumentIsQuoted)
{
    EXPECT_EQ(command::set_variable("CALLERID(name)", "Anna \"Q\" \\ M\xC3\xBCller").line(),
              "SET VARIABLE \"CALLERID(name)\" \"Anna \\\"Q\\\" \\\\ M\xC3\xBCller\"\n");
    EXPECT_EQ(command::set_variable("X", "").line(), "SET VARIABLE \"X\" \"\"\n");
    EXPECT_EQ(command::exec("Dial", "PJSIP/101@trunk,30")->line(), "EXEC \"Dial\" \"PJSIP/101@trunk,30\"\n");
    EXPECT_EQ(command::stream_file("welcome", "").line(), "STREAM FILE \"welcome\" \"\"\n");
    EXPECT_EQ(command::get_data("enter-code", 10000, 32).line(), "GET DATA \"enter-code\" \"10000\" \"32\"\n");
    EXPECT_EQ(command::wait_for_digit(1500).line(), "WAIT FOR DIGIT \"1500\"\n");
    EXPECT_EQ(command::verbose("a b").line(), "VERBOSE \"a b\" \"1\"\n");
    EXPECT_EQ(command::answer().line(), "ANSWER\n");
}

TEST(Command, LineEndsAndControlCharactersGo)
{
    EXPECT_EQ(command::quoted("a\r\nHANGUP\n\x01\x7F\xC2\x85z"), "\"aHANGUPz\"");
    EXPECT_EQ(command::quoted("${SHELL(id)} $[1+1],;&"), "\"${SHELL(id)} $[1+1],;&\"");
}

TEST(Command, LongValuesAreCutAtACharacter)
{
    for (const std::string character : {"x", "\"", "\\", "\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x93\x9E"}) {
        std::string value;
        while (value.size() < 6000)
            value += character;
        const std::string line = command::set_variable("DIALHOOK_VAR_" + std::string(64, 'k'), value).line();
        EXPECT_LE(line.size(), Command::max_bytes) << character;
        EXPECT_GE(line.size(), Command::max_bytes - 4) << character << " is cut no shorter than it must";
        EXPECT_TRUE(text::is_utf8(line)) << character;
        EXPECT_TRUE(line.ends_with("\"\n"));
    }
}

TEST(Command, ArgumentsOfApplicationsAreNotCut)
{
    const std::size_t around = std::string_view("EXEC \"Dial\" \"\"\n").size();
    const std::string fits(Command::max_bytes - around, '1');
    EXPECT_EQ(command::exec("Dial", fits)->line().size(), Command::max_bytes);
    EXPECT_FALSE(command::exec("Dial", fits + "1"));
    EXPECT_FALSE(command::exec("Dial", std::string(Command::max_bytes / 2, '"'))) << "escaped, it is twice as long";
    EXPECT_FALSE(command::exec(std::string(Command::max_bytes, 'A'), ""));
}

/// Asterisk before July 2025 takes what follows 2,047 bytes for the next command.
TEST(Command, NoTextMakesALongLineOrASecondOne)
{
    std::mt19937 random(20261128);
    const std::string_view pieces[] = {"a",
                                       "\"",
                                       "\\",
                                       "\n",
                                       "\r\n",
                                       "\xC3\xA9",
                                       "\xE2\x82\xAC",
                                       "\xF0\x9F\x93\x9E",
                                       "\x01",
                                       "\xC2\x85",
                                       " ",
                                       "${X}",
                                       "EXEC System id",
                                       std::string_view("\0", 1)};
    const auto text = [&] {
        std::string made;
        for (auto size = random() % (random() % 2 == 0 ? 40 : 3000); size != 0; --size)
            made += pieces[random() % std::size(pieces)];
        return made;
    };
    for (int round = 0; round < 200; ++round) {
        std::vector<Command> commands = {command::set_variable(text(), text()), command::stream_file(text(), text()),
                                         command::get_data(text(), static_cast<long long>(random()), 32),
                                         command::verbose(text())};
        if (auto exec = command::exec(text(), text()))
            commands.push_back(*std::move(exec));
        for (const Command& command : commands) {
            const std::string& line = command.line();
            ASSERT_LE(line.size(), Command::max_bytes);
            ASSERT_EQ(line.find('\n'), line.size() - 1);
            ASSERT_TRUE(text::is_utf8(line));
            ASSERT_FALSE(text::has_controls(std::string_view(line).substr(0, line.size() - 1)));
        }
    }
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
