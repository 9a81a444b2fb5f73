#include <dialhook/call/bounded_text.hpp>
#include <dialhook/call/text.hpp>

#include <gtest/gtest.h>

#include <string>

namespace dialhook {
namespace {

using namespace std::string_view_literals;

TEST(Utf8, IsToldFromWhatIsNot)
{
    for (const auto good :
         {""sv, "plain"sv, "é"sv, "€"sv, "😀"sv, "\xF4\x8F\xBF\xBF"sv, "\xED\x9F\xBF"sv, "\xEE\x80\x80"sv})
        EXPECT_TRUE(text::is_utf8(good)) << good;
    for (const auto bad :
         {"\x80"sv, "\xC3"sv, "\xC0\x80"sv, "\xC1\xBF"sv, "\xE0\x9F\xBF"sv, "\xED\xA0\x80"sv, "\xF0\x8F\xBF\xBF"sv,
          "\xF4\x90\x80\x80"sv, "\xF5\x80\x80\x80"sv, "\xE2\x82"sv, "\xF0\x9F\x98"sv, "a\xFF"sv})
        EXPECT_FALSE(text::is_utf8(bad)) << testing::PrintToString(bad);
}

TEST(Utf8, Latin1IsConverted)
{
    EXPECT_EQ(text::utf8_or_latin1("M\xFCller"), "Müller");
    EXPECT_EQ(text::utf8_or_latin1("Müller"), "Müller");
    EXPECT_EQ(text::utf8_or_latin1("\xA0\xFF"), "\xC2\xA0\xC3\xBF");
}

TEST(Controls, AreCategoryCcAndNothingElse)
{
    EXPECT_EQ(text::without_controls(std::string("a\0b\x1F\x7F\xC2\x80\xC2\x9F\xC2\xA0 é"sv)), "ab\xC2\xA0 é");
    EXPECT_TRUE(text::has_controls("\xC2\x85"));
    EXPECT_FALSE(text::has_controls("\xC3\x85 \xE2\x82\xAC"));
}

TEST(CodePoints, AreNeverCutInTheMiddle)
{
    EXPECT_EQ(text::first_code_points("aé€😀b", 4), "aé€😀");
    EXPECT_EQ(text::first_code_points("aé€😀b", 2), "aé");
    EXPECT_EQ(text::first_code_points("aé", 9), "aé");
    EXPECT_EQ(text::first_code_points("éé", 0), "");
}

TEST(Trimmed, DropsWhiteSpaceAtBothEnds)
{
    EXPECT_EQ(text::trimmed("\r\n\t a b \v\f\n"), "a b");
    EXPECT_EQ(text::trimmed(" \n"), "");
}

TEST(BoundedText, ExistsOnlyWhenItIsWithinItsBounds)
{
    EXPECT_FALSE(Did::from(""));
    EXPECT_FALSE(Did::from("\xFF"));
    EXPECT_FALSE(Did::from(std::string(257, '1')));
    EXPECT_EQ(Did::from(std::string(256, '1'))->view().size(), 256U);
    EXPECT_EQ(Did::from("+31\r\n50")->view(), "+31\r\n50");
    EXPECT_TRUE(CallText::from("")->empty());
}

TEST(Text, FirstBytesEndWithAWholeCodePoint)
{
    const std::string_view euros = "a\xE2\x82\xAC\xE2\x82\xAC";
    const std::string_view expected[] = {"",    "a",  "a", "a", "a\xE2\x82\xAC", "a\xE2\x82\xAC", "a\xE2\x82\xAC",
                                         euros, euros};
    for (std::size_t limit = 0; limit < std::size(expected); ++limit)
        EXPECT_EQ(text::first_bytes(euros, limit), expected[limit]) << limit;
}

} // namespace
} // namespace dialhook
