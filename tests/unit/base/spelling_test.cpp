#include "base/spelling.hpp"

#include <gtest/gtest.h>

#include <array>

namespace dialhook {
namespace {

TEST(Spelling, CountsWhatMustBeChanged)
{
    EXPECT_EQ(edit_distance("", ""), 0U);
    EXPECT_EQ(edit_distance("", "abc"), 3U);
    EXPECT_EQ(edit_distance("timeout", "timeout"), 0U);
    EXPECT_EQ(edit_distance("TimeOut", "timeout"), 0U);
    EXPECT_EQ(edit_distance("tiemout", "timeout"), 1U);
    EXPECT_EQ(edit_distance("timout", "timeout"), 1U);
    EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
}

TEST(Spelling, NamesTheNearestWordOnlyWhenItIsNear)
{
    constexpr std::array<std::string_view, 5> known{"url", "timeout", "connect_timeout", "headers", "1.2"};
    EXPECT_EQ(nearest("ulr", known), "url");
    EXPECT_EQ(nearest("URL", known), "url");
    EXPECT_EQ(nearest("time-out", known), "timeout");
    EXPECT_EQ(nearest("connection_timeout", known), "connect_timeout");
    EXPECT_EQ(nearest("header", known), "headers");
    EXPECT_EQ(nearest("retries", known), "");
    EXPECT_EQ(nearest("cache", known), "");
    EXPECT_EQ(nearest("1.4", known), "");
    EXPECT_EQ(nearest("", known), "");
    EXPECT_EQ(nearest(std::string(1000, 'u'), known), "");
}

TEST(Spelling, JoinsWordsAsASentenceDoes)
{
    constexpr std::array<std::string_view, 3> words{"a", "b", "c"};
    EXPECT_EQ(joined({words.data(), 1}, "and"), "a");
    EXPECT_EQ(joined({words.data(), 2}, "or"), "a or b");
    EXPECT_EQ(joined(words, "and"), "a, b and c");
}

} // namespace
} // namespace dialhook
