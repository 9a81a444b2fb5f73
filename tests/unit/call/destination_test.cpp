#include <dialhook/call/destination.hpp>

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
        {"31\xC2\xA0"
         "50",
         ""},
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
