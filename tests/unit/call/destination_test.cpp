#include "base/text.hpp"
#include "call/destination.hpp"

#include <gtest/gtest.h>

#include <string>

namespace dialhook {
namespace {

using namespace std::string_view_literals;

struct Case
{
    std::string_view written;
    std::string_view read; ///< empty: refused
};

TEST(Destination, IsANumberAnInternalNumberOrASipUri)
{
    const std::string digits32(32, '7');
    const std::string digits33(33, '7');
    const std::string plus32 = "+" + digits32;
    const std::string plus33 = "+" + digits33;
    const std::string long_sip = "sip:" + std::string(251, 'a') + "@b";
    const Case cases[] = {
        {"+31502102544", "+31502102544"},
        {"050 210-25.44", "0502102544"},
        {"(050) [210] {2544}", "0502102544"},
        {"101", "101"},
        {"*21#", "*21#"},
        {"#", "#"},
        {digits32, digits32},
        {digits33, ""},
        {plus32, plus32},
        {plus33, ""},
        {"", ""},
        {"+", ""},
        {"++31", ""},
        {"3+1", ""},
        {"+*21", ""},
        {"tel:+31", ""},
        {"31\n50", ""},
        {"31\0"sv, ""},
        {"31;ext=5", ""},
        {"31&Local/1@x", ""},
        {"${EXTEN}", ""},
        {"٣١", ""},
        {"31\u00A050", "3150"},
        {"sip:jan@example.com", "sip:jan@example.com"},
        {"SIP:jan@example.com", "sip:jan@example.com"},
        {"sips:+31~*#_-.@10.0.0.1:5061", "sips:+31~*#_-.@10.0.0.1:5061"},
        {"sip:100@[2001:db8::1]:5060", "sip:100@[2001:db8::1]:5060"},
        {"sip:100@example.com.", "sip:100@example.com."},
        {"sip:100@example.com:0", ""},
        {"sip:100@example.com:65536", ""},
        {"sip:100@example.com:", ""},
        {"sip:100@", ""},
        {"sip:@example.com", ""},
        {"sip:100", ""},
        {"sip:100@-a.com", ""},
        {"sip:100@a..com", ""},
        {"sip:100@[zz]", ""},
        {"sip:100@a;transport=tcp", ""},
        {"sip:100@a?Subject=x", ""},
        {"sip:jan%40x@a", ""},
        {"sip:jan piet@a", ""},
        {"sip:a@b@c", ""},
        {long_sip, ""},
    };
    for (const auto& [written, read] : cases) {
        const auto destination = Destination::from(written);
        EXPECT_EQ(destination ? destination->str() : "", read) << testing::PrintToString(written);
    }
}

/// The number, or the fault.
std::string read_as(std::string_view written, std::string_view international_prefix = {})
{
    const auto destination = Destination::from(written, international_prefix);
    return destination ? destination->str() : to_string(destination.error());
}

TEST(Destination, TheZeroInBracketsAfterACountryCodeIsNotDialled)
{
    for (const std::string_view written :
         {"+31 (0)50 210 25 44", "+31(0)502102544", "+31-(0)-50-2102544", "+31 (0) 50 2102544", "+31 [0] 50 210 25 44",
          "(+31) (0)50 2102544", "+(31)(0)50.210.25.44", "+31\u00A0(0)50\u00A02102544", "+31 ( 0 ) 502102544"})
        EXPECT_EQ(read_as(written), "+31502102544") << written;
    EXPECT_EQ(read_as("0031 (0)50 210 25 44"), "0031502102544");
    EXPECT_EQ(read_as("011 44 (0)20 7946 0018", "011"), "011442079460018");
    EXPECT_EQ(read_as("+1 (0)20"), "+120");
    EXPECT_EQ(read_as("+353 (0)1 234"), "+3531234");
    // Those are dialled.
    EXPECT_EQ(read_as("(050) 210 25 44"), "0502102544");
    EXPECT_EQ(read_as("(0)50 210 25 44"), "0502102544");
    EXPECT_EQ(read_as("+31 50 (0) 21"), "+3150021");
    EXPECT_EQ(read_as("+31 (050) 21"), "+3105021");
    EXPECT_EQ(read_as("011 44 (0)20"), "01144020");
    EXPECT_EQ(read_as("+31 0 50"), "+31050");
    EXPECT_EQ(read_as("+(0)31"), "+031");
}

TEST(Destination, WhatASpreadsheetMadeOfANumberIsNone)
{
    const std::string fraction = to_string(RefusedDestination{RefusedDestination::Why::decimal_fraction});
    for (const std::string_view written :
         {"31612345678.0", "101.0", "101.00", "+31612345678.0", "0612345678.000", "101.0 ", "31 612 345 678.0",
          "101.0\u200B", "(101.0)", "06-12345678.0", "101.0."})
        EXPECT_EQ(read_as(written), fraction) << written;
    EXPECT_EQ(read_as("06.12.34.56.78"), "0612345678");
    EXPECT_EQ(read_as("06.12.34.56.00"), "0612345600");
    EXPECT_EQ(read_as("050.2102540"), "0502102540");
    EXPECT_EQ(read_as("101."), "101");
    EXPECT_EQ(read_as("101.10"), "10110");
}

TEST(Destination, AnIpAddressIsNoNumber)
{
    const std::string address = to_string(RefusedDestination{RefusedDestination::Why::ip_address});
    for (const std::string_view written :
         {"192.168.1.20", "10.0.0.1", "255.255.255.255", "0.0.0.0", "8.8.8.8", "10.20.30.4", "10.20.30.140",
          "[192.168.1.20]", " 192.168.1.20 ", "192.168.1.20."})
        EXPECT_EQ(read_as(written), address) << written;
    EXPECT_EQ(read_as("12.34.56.78"), "12345678");
    EXPECT_EQ(read_as("10.20.30.40"), "10203040");
    EXPECT_EQ(read_as("020.123.45.67"), "0201234567");
    EXPECT_EQ(read_as("300.168.1.20"), "300168120");
    EXPECT_EQ(read_as("192.168.1.20.5"), "1921681205");
    EXPECT_EQ(read_as("+31.50.210.25"), "+315021025");
    EXPECT_EQ(read_as("192.168.120"), "192168120");
}

TEST(Destination, UnicodeSpacesDashesAndInvisibleMarksAreDropped)
{
    for (const char32_t mark :
         {U'\u00A0', U'\u00AD', U'\u1680', U'\u2000', U'\u2009', U'\u200A', U'\u200B', U'\u200D', U'\u200E',
          U'\u200F', U'\u2010', U'\u2011', U'\u2013', U'\u2015', U'\u202A', U'\u202E', U'\u202F', U'\u205F',
          U'\u2060', U'\u2066', U'\u2069', U'\u2212', U'\u3000', U'\uFE63', U'\uFEFF', U'\uFF0D', U'\uFE0F'})
    {
        std::string utf8;
        text::append_code_point(utf8, mark);
        EXPECT_EQ(read_as(utf8 + "+31" + utf8 + utf8 + "50 210" + utf8), "+3150210") << text::code_point_name(mark);
    }
    EXPECT_TRUE(is_blank_number(""));
    EXPECT_TRUE(is_blank_number(" \u00A0\u200E"));
    EXPECT_FALSE(is_blank_number("-"));
}

TEST(Destination, ARefusedCharacterIsNamed)
{
    const std::string neither = "the destination is neither a number nor a plain SIP URI";
    const Case cases[] = {
        {"٣١", ": it holds U+0663"},
        {"３１", ": it holds U+FF13"},
        {"31\u202850", ": it holds U+2028"},
        {"31;ext=5", ": it holds U+003B"},
        {"31\n50", ": it holds U+000A"},
        {"3+1", ": it holds U+002B"},
        {"-1", ": it holds U+002D"},
        {" -101 ", ": it holds U+002D"},
        {"+31*5", ": it holds U+002A"},
        {"31€", ": it holds U+20AC"},
        {"tel:+31", ": it holds U+0074"},
        {"sip:jan piet@a", ": it holds U+0020"},
        {"sip:100@a;transport=tcp", ": it holds U+003B"},
        {"sip:zoë@a", ": it holds U+00EB"},
        {"sip:a@b@c", ": it holds U+0040"},
        {"", ""},
        {"+", ""},
        {"31\xF0\x9F", ""}, // no UTF-8
        {"sip:100", ""},
        {"sip:100@a..com", ""},
    };
    for (const auto& [written, told] : cases)
        EXPECT_EQ(read_as(written), neither + std::string(told)) << testing::PrintToString(written);
    EXPECT_EQ(Destination::from(std::string(33, '7')).error().why, RefusedDestination::Why::too_long);
}

TEST(DestinationPattern, StarIsAnyDigitsAndQuestionMarkIsOne)
{
    struct
    {
        std::string_view pattern;
        std::string_view destination;
        bool matches;
    } const cases[] = {
        {"+31*", "+31502102544", true},
        {"+31*", "+31", true},
        {"+31*", "+32502102544", false},
        {"1??", "101", true},
        {"1??", "1010", false},
        {"1??", "10", false},
        {"*", "112", true},
        {"*", "+112", false},
        {"*", "*21", false},
        {"*5*7", "15557", true},
        {"101", "101", true},
        {"*", "sip:1@a", false},
        {"sip:*@example.com", "sip:jan@example.com", true},
        {"sip:*@example.com", "sips:jan@example.com", true},
        {"sip:*@example.com", "sip:jan@example.com.evil", false},
        {"sip:1??@*", "sip:101@a.b:5060", true},
        {"sip:*", "101", false},
    };
    for (const auto& [pattern, destination, matches] : cases)
        EXPECT_EQ(DestinationPattern::from(pattern)->matches(*Destination::from(destination)), matches)
            << pattern << " " << destination;
}

TEST(DestinationPattern, TakesAsLongAsItsLengthSaysOnHostileText)
{
    std::string pattern;
    for (int i = 0; i < 60; ++i)
        pattern += "*1";
    EXPECT_FALSE(DestinationPattern::from(pattern)->matches(*Destination::from(std::string(32, '1'))));
}

TEST(DestinationPattern, RefusesWhatNoDestinationCanHold)
{
    for (const auto text : {""sv, "31 50"sv, "abc"sv, "sip:"sv, "sip:a b"sv, "+31*;x"sv})
        EXPECT_FALSE(DestinationPattern::from(text)) << text;
}

TEST(Destinations, AnEmptyListAllowsAll)
{
    EXPECT_TRUE(allows({}, *Destination::from("0900123")));
    const DestinationPatterns patterns{*DestinationPattern::from("+31*"), *DestinationPattern::from("1??")};
    EXPECT_TRUE(allows(patterns, *Destination::from("101")));
    EXPECT_FALSE(allows(patterns, *Destination::from("0900123")));
}

} // namespace
} // namespace dialhook
