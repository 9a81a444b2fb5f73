#include "yaml/scalars.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace dialhook::config {
namespace {

TEST(Scalars, NothingIsWrittenInFiveWays)
{
    for (const auto* text : {"", "~", "null", "Null", "NULL"})
        EXPECT_TRUE(is_null(text)) << text;
    for (const auto* text : {"nULL", "none", "0", "-", " "})
        EXPECT_FALSE(is_null(text)) << text;
}

TEST(Scalars, BooleansAreThoseOfYaml12)
{
    for (const auto* text : {"true", "True", "TRUE"})
        EXPECT_EQ(to_boolean(text), true) << text;
    for (const auto* text : {"false", "False", "FALSE"})
        EXPECT_EQ(to_boolean(text), false) << text;
    for (const auto* text : {"yes", "no", "on", "off", "y", "tRUE", "1", ""})
        EXPECT_EQ(to_boolean(text), std::nullopt) << text;
}

TEST(Scalars, WholeNumbersInThreeBases)
{
    EXPECT_EQ(to_whole_number("0"), 0);
    EXPECT_EQ(to_whole_number("+12"), 12);
    EXPECT_EQ(to_whole_number("-12"), -12);
    EXPECT_EQ(to_whole_number("010"), 10);
    EXPECT_EQ(to_whole_number("0o17"), 15);
    EXPECT_EQ(to_whole_number("0xfF"), 255);
    EXPECT_EQ(to_whole_number("99999999999999999999"), std::numeric_limits<std::int64_t>::max());
    EXPECT_EQ(to_whole_number("-99999999999999999999"), -std::numeric_limits<std::int64_t>::max());
    for (const auto* text : {"", "-", "1.0", "1_000", "0x", "0o8", "-0x1", "1e3", " 1", "1 "})
        EXPECT_EQ(to_whole_number(text), std::nullopt) << text;
}

TEST(Scalars, NumbersAreToldFromTexts)
{
    for (const auto* text : {"1", "-1.5", "+.5", "1.", "1e3", "1.5E-3", "0x1F"})
        EXPECT_TRUE(is_number(text)) << text;
    for (const auto* text : {"", ".", "1.2.3", "e3", "1e", "1e+", "10.0.0.1", "5s", "+", "1.5e3.2"})
        EXPECT_FALSE(is_number(text)) << text;
}

TEST(Scalars, FileModesAreOctalHoweverTheyAreWritten)
{
    EXPECT_EQ(to_octal("0660"), 0660U);
    EXPECT_EQ(to_octal("660"), 0660U);
    EXPECT_EQ(to_octal("0o660"), 0660U);
    EXPECT_EQ(to_octal("0"), 0U);
    for (const auto* text : {"", "0888", "u+rw", "-1", "0x1ff", "0o", "6 6", "77777777777777"})
        EXPECT_EQ(to_octal(text), std::nullopt) << text;
}

} // namespace
} // namespace dialhook::config
