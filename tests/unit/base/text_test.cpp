#include "base/bounded_text.hpp"
#include "base/text.hpp"

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

TEST(Utf8, IsInvalidFromItsFirstWrongByteOn)
{
    for (const std::string_view good :
         {"", "plain ascii, longer than eight bytes", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF",
          "\xEE\x80\x80", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"})
        EXPECT_EQ(text::first_invalid_utf8(good), std::nullopt) << good;
    for (const std::string_view bad : {"\x80", "\xC1\xBF", "\xC3", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xF0\x8F\xBF\xBF",
                                       "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xE2\x82", "\xFF\xFE"})
    {
        EXPECT_EQ(text::first_invalid_utf8(bad), 0U);
        EXPECT_EQ(text::first_invalid_utf8("eight is a word" + std::string(bad)), 15U);
    }
    // ASCII is looked at eight bytes at a time.
    for (std::size_t before = 0; before < 20; ++before) {
        EXPECT_EQ(text::first_invalid_utf8(std::string(before, 'a') + "\xC3\xA4" + "\xC3"), before + 2);
        EXPECT_EQ(text::first_invalid_utf8(std::string(before, 'a') + "\xC3\xA4" + std::string(20, 'b')), std::nullopt);
    }
}

TEST(Utf8, SomeCharactersSteerWhatShowsThem)
{
    for (const char32_t code : std::initializer_list<char32_t>{0x00, 0x0A, 0x1F, 0x7F, 0x9F, 0x061C, 0x200E, 0x200F,
                                                               0x2028, 0x202E, 0x2066, 0x2069, 0xFEFF})
        EXPECT_TRUE(text::steers_display(code)) << text::code_point_name(code);
    for (const char32_t code : std::initializer_list<char32_t>{0x20, 0x7E, 0xA0, 0x061B, 0x200D, 0x2010, 0x2027, 0x202F,
                                                               0x2065, 0x206A, 0xFEFE, 0x1F600})
        EXPECT_FALSE(text::steers_display(code)) << text::code_point_name(code);
}

TEST(Utf8, OtherTextIsWindows1252)
{
    EXPECT_EQ(text::utf8_or_windows_1252("M\xFCller"), "Müller");
    EXPECT_EQ(text::utf8_or_windows_1252("Müller"), "Müller");
    EXPECT_EQ(text::utf8_or_windows_1252("\xA0\xFF"), "\xC2\xA0\xC3\xBF");
    EXPECT_EQ(text::utf8_or_windows_1252("O\x92"
                                         "Brien"),
              "O’Brien");
    EXPECT_EQ(text::utf8_or_windows_1252("\x80uro"), "€uro");
    std::string all;
    for (int byte = 0x80; byte < 0xA0; ++byte)
        all += static_cast<char>(static_cast<unsigned char>(byte));
    EXPECT_EQ(text::utf8_or_windows_1252(all), "€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008DŽ\u008F\u0090‘’“”•–—˜™š›œ\u009DžŸ");
}

TEST(Utf8, ASequenceThatWasCutAtTheEndIsDropped)
{
    for (const std::string_view cut : {"\xC3"sv, "\xE2"sv, "\xE2\x82"sv, "\xF0\x9F\x98"sv, "\xED\x9F"sv, "\xF4\x8F"sv})
        EXPECT_EQ(text::utf8_or_windows_1252("Bäcker" + std::string(cut)), "Bäcker") << testing::PrintToString(cut);
    EXPECT_EQ(text::utf8_or_windows_1252("Caf\xC3"), "Caf");
    EXPECT_EQ(text::utf8_or_windows_1252("\xF0\x9F\x98"), "");
}

TEST(Utf8, WhatOnlyLooksLikeACutIsNone)
{
    EXPECT_EQ(text::utf8_or_windows_1252("Andr\xE9"), "André");
    EXPECT_EQ(text::utf8_or_windows_1252("UME\xC5"), "UMEÅ");
    EXPECT_EQ(text::utf8_or_windows_1252("M\xFCller \xC3"), "Müller Ã");
    EXPECT_EQ(text::utf8_or_windows_1252("\xC3x"), "Ãx");
    EXPECT_EQ(text::utf8_or_windows_1252("é\xED\xA0"), "Ã©í\xC2\xA0"); // half a surrogate is no character
}

TEST(CodePoints, AreReadAndWritten)
{
    for (const char32_t code_point : {U'a', U'é', U'€', U'😀', char32_t{0x7F}, char32_t{0x10FFFF}}) {
        std::string utf8 = "x";
        text::append_code_point(utf8, code_point);
        EXPECT_TRUE(text::is_utf8(utf8));
        EXPECT_EQ(text::code_point_at(utf8, 1), code_point);
        EXPECT_EQ(text::code_point_length(utf8, 1), utf8.size() - 1);
    }
    EXPECT_EQ(text::code_point_name(U'\u00A0'), "U+00A0");
    EXPECT_EQ(text::code_point_name(U'😀'), "U+1F600");
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
    EXPECT_EQ(text::trimmed_of_marks("\uFEFF\r\n\uFEFF \uFEFFa\uFEFFb\n\uFEFF\uFEFF\n"), "a\uFEFFb");
    EXPECT_EQ(text::trimmed_of_marks("\n\uFEFF"), "");
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
