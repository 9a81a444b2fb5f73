#include "call/destination.hpp"
#include "call/numbers.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace dialhook {
namespace {

const Numbers netherlands{"31", "0", "00"};
const Numbers italy{"39", "", "00"};
const Numbers denmark{"45", "", "00"};
const Numbers america{"1", "1", "011"};

struct Case
{
    std::string_view written;
    std::string_view e164; ///< empty: not certain
};

void expect_e164(const Numbers& numbers, const std::vector<Case>& cases)
{
    for (const auto& [written, e164] : cases)
        EXPECT_EQ(numbers.e164(written).value_or(""), e164) << "country " << numbers.country << ": " << written;
}

TEST(Numbers, AreBroughtToE164WhereThatIsCertain)
{
    expect_e164(netherlands, {{"+31612345678", "+31612345678"},
                              {"0031612345678", "+31612345678"},
                              {"0612345678", "+31612345678"},
                              {"0502102544", "+31502102544"},
                              {"09001234", "+319001234"},
                              {"0900123", ""},
                              {"004930123456", "+4930123456"},
                              {"0004930123456", ""},
                              {"112", ""},
                              {"1400", ""},
                              {"101", ""},
                              {"612345678", ""},
                              {"31612345678", ""}});
    expect_e164({"32", "0", "00"}, {{"021234567", "+3221234567"}, {"0470123456", "+32470123456"}, {"1207", ""}});
    expect_e164({"49", "0", "00"}, {{"030123456", "+4930123456"},
                                    {"015112345678", "+4915112345678"},
                                    {"0043112345", "+43112345"},
                                    {"110", ""},
                                    {"116117", ""}});
    expect_e164(italy, {{"0612345678", "+390612345678"},
                        {"3331234567", "+393331234567"},
                        {"3931234567", "+393931234567"},
                        {"00390612345678", "+390612345678"},
                        {"+390612345678", "+390612345678"},
                        {"112", ""},
                        {"199123", ""}});
    expect_e164(
        {"34", "", "00"},
        {{"912345678", "+34912345678"}, {"600123456", "+34600123456"}, {"0034912345678", "+34912345678"}, {"061", ""}});
    expect_e164(denmark, {{"33123456", "+4533123456"}, {"33 12 34 56", "+4533123456"}, {"1813", ""}, {"114", ""}});
    expect_e164(america, {{"12125550123", "+12125550123"},
                          {"1 (212) 555-0123", "+12125550123"},
                          {"01131612345678", "+31612345678"},
                          {"2125550123", ""},
                          {"911", ""},
                          {"1411", ""}});
    expect_e164({"27", "0", "00"}, {{"0821234567", "+27821234567"}, {"0117654321", "+27117654321"}, {"10111", ""}});
}

TEST(Numbers, WhatIsNoNumberStaysAsItIs)
{
    for (const std::string_view written : {"", "+", "00", "*31#", "*21*0612345678#", "anonymous", "jan",
                                           "sip:jan@pbx.lan", "0612345678x", "+31x", "06123456789012345", "+0612345678",
                                           "+1234567890123456", "00123456789012345678", "sip:%FF@pbx", "192.168.1.20"})
        for (const NumberForm form : {NumberForm::as_is, NumberForm::e164, NumberForm::digits, NumberForm::national})
            EXPECT_EQ(netherlands.in_form(written, form), written);
}

TEST(Numbers, AreReadOutOfUrisAndAsPeopleWriteThem)
{
    expect_e164(netherlands, {{"tel:+31-50-210.2544", "+31502102544"},
                              {"tel:050-2102544;phone-context=+31", "+31502102544"},
                              {"sip:0502102544@pbx.lan;user=phone", "+31502102544"},
                              {"sips:%2B31502102544@[::1]:5061", "+31502102544"},
                              {"sip:+31502102544:secret@pbx.lan", "+31502102544"},
                              {"050 - 210 25 44", "+31502102544"},
                              {"+31 (0)50 210 25 44", "+31502102544"}});
}

/// RFC 3966: `phone-context` says where a number without `+` can be dialled.
TEST(Numbers, OfAUriThatNamesAnotherCountryAreNotOurs)
{
    expect_e164(netherlands, {{"tel:0301234567;phone-context=+49", ""},
                              {"tel:030-1234567;isub=1;Phone-Context=+49;x=y", ""},
                              {"tel:004930123456;phone-context=+1", ""},
                              {"tel:0502102544;phone-context=+31-50", ""},
                              {"tel:+31-50-2102544;phone-context=+49", "+31502102544"},
                              {"tel:0502102544;phone-context=+3-1", "+31502102544"},
                              {"tel:0502102544;phone-context=", "+31502102544"},
                              {"tel:0502102544;phone-context=pbx.example", "+31502102544"},
                              {"tel:0502102544;x-phone-context=+49", "+31502102544"},
                              {"sip:0301234567;phone-context=+49@pbx.lan;user=phone", ""},
                              {"sip:0502102544;phone-context=%2B31:secret@pbx.lan", "+31502102544"},
                              {"sip:%2B31502102544;phone-context=+49@pbx.lan", "+31502102544"},
                              {"sip:0502102544@pbx.lan;phone-context=+49", "+31502102544"}});
    expect_e164(denmark, {{"tel:33123456;phone-context=+45", "+4533123456"}, {"tel:33123456;phone-context=+47", ""}});
    constexpr std::string_view german = "tel:0301234567;phone-context=+49";
    for (const NumberForm form : {NumberForm::as_is, NumberForm::e164, NumberForm::digits, NumberForm::national})
        EXPECT_EQ(netherlands.in_form(german, form), german);
    EXPECT_EQ(netherlands.key(german), german) << "it is not 0301234567 of here";
    EXPECT_EQ(Numbers().key(german), "0301234567") << "nobody said where here is";
}

TEST(Numbers, WithoutACountryOnlyInternationalOnesAreKnown)
{
    expect_e164({"", "0", "00"},
                {{"+31612345678", "+31612345678"}, {"0031612345678", "+31612345678"}, {"0612345678", ""}});
    expect_e164({}, {{"+31612345678", "+31612345678"}, {"0031612345678", ""}, {"0612345678", ""}});
    EXPECT_EQ(Numbers().in_form("+31612345678", NumberForm::digits), "31612345678");
    EXPECT_EQ(Numbers().in_form("+31612345678", NumberForm::national), "+31612345678");
}

TEST(Numbers, HaveFourForms)
{
    struct
    {
        const Numbers& numbers;
        std::string_view written;
        std::string_view e164;
        std::string_view digits;
        std::string_view national;
    } const cases[] = {
        {netherlands, "0612345678", "+31612345678", "31612345678", "0612345678"},
        {netherlands, "0031612345678", "+31612345678", "31612345678", "0612345678"},
        {netherlands, "004930123456", "+4930123456", "4930123456", "+4930123456"},
        {netherlands, "+31112", "+31112", "31112", "+31112"},
        {italy, "+390612345678", "+390612345678", "390612345678", "0612345678"},
        {denmark, "+4533123456", "+4533123456", "4533123456", "33123456"},
        {america, "+12125550123", "+12125550123", "12125550123", "12125550123"},
    };
    for (const auto& [numbers, written, e164, digits, national] : cases) {
        EXPECT_EQ(numbers.in_form(written, NumberForm::as_is), written);
        EXPECT_EQ(numbers.in_form(written, NumberForm::e164), e164);
        EXPECT_EQ(numbers.in_form(written, NumberForm::digits), digits);
        EXPECT_EQ(numbers.in_form(written, NumberForm::national), national);
    }
}

TEST(Numbers, HaveOneKeyHoweverTheyAreWritten)
{
    for (const char* written : {"+31502102544", "0031502102544", "0502102544", "tel:050-2102544", "sip:0502102544@pbx"})
        EXPECT_EQ(netherlands.key(written), "+31502102544");
    for (const auto& [written, key] : std::vector<Case>{{"sip:101:secret@pbx.lan", "101"},
                                                        {"sip:jan.jansen@pbx.lan", "jan.jansen"},
                                                        {"sip:@pbx.lan", ""},
                                                        {"SIP:example.com", "SIP:example.com"},
                                                        {"tel:*97", "*97"},
                                                        {" 31", " 31"},
                                                        {"#31#", "#31#"},
                                                        {"crm", "crm"}})
        EXPECT_EQ(netherlands.key(written), key);
}

TEST(Numbers, TheStartOfANumberHasAKeyToo)
{
    const auto key = [](const Numbers& numbers, std::string_view start) { return numbers.key_of_start(start); };
    EXPECT_EQ(key(netherlands, "050"), "+3150");
    EXPECT_EQ(key(netherlands, "0"), "+31");
    EXPECT_EQ(key(netherlands, "0049"), "+49");
    EXPECT_EQ(key(netherlands, "00"), "+");
    EXPECT_EQ(key(netherlands, "+3150"), "+3150");
    EXPECT_EQ(key(netherlands, "1"), "1");
    EXPECT_EQ(key(netherlands, ""), "");
    EXPECT_EQ(key(netherlands, "tel:+31-50"), "+3150");
    EXPECT_EQ(key(netherlands, "+31 50"), "+3150");
    EXPECT_EQ(key(netherlands, "+31 (0)50-"), "+3150");
    EXPECT_EQ(key(netherlands, "(050) 2"), "+31502");
    EXPECT_EQ(key(netherlands, "100-"), "100-") << "as a whole number of the PBX's own, which stays as it is written";
    EXPECT_EQ(key(netherlands, "sip:%C2@pbx.lan"), "\xC2") << "what is not UTF-8 is no number";
    EXPECT_EQ(key(italy, "06"), "+3906");
    EXPECT_EQ(key(denmark, "33"), "+4533");
    EXPECT_EQ(key({"31", "0", ""}, "0049"), "0049") << "an international prefix that is not configured is none";
}

/// Whether a reply may name `destination`.
bool is_allowed(std::initializer_list<const char*> written, const char* destination,
                const Numbers& numbers = netherlands)
{
    DestinationPatterns patterns;
    for (const char* pattern : written)
        patterns.push_back(*DestinationPattern::from(pattern, numbers));
    return allows(patterns, *Destination::from(destination), numbers);
}

TEST(Numbers, DestinationsAreComparedInE164)
{
    for (const char* pattern :
         {"+31*", "+316????????", "+31612345678", "06*", "0612345678", "0*", "00316*", "*", "06????????"})
        for (const char* destination : {"0612345678", "0031612345678"})
            EXPECT_TRUE(is_allowed({pattern}, destination)) << pattern << " and " << destination;
    for (const char* pattern : {"+31*", "0*", "06*"}) {
        EXPECT_FALSE(is_allowed({pattern}, "00881612345678")) << pattern;
        EXPECT_FALSE(is_allowed({pattern}, "+4930123456")) << pattern;
        EXPECT_FALSE(is_allowed({pattern}, "101")) << pattern;
    }
    EXPECT_TRUE(is_allowed({"1??"}, "101"));
    EXPECT_TRUE(is_allowed({"0*"}, "0900123")) << "a short number, as it is written";
    EXPECT_FALSE(is_allowed({"+31*"}, "0900123"));
    EXPECT_TRUE(is_allowed({"+4533*"}, "33123456", denmark));
    EXPECT_TRUE(is_allowed({"33*"}, "+4533123456", denmark));
    EXPECT_FALSE(is_allowed({"+31*"}, "0612345678", Numbers())) << "no country is known";
    EXPECT_FALSE(is_allowed({"+31*"}, "sip:0612345678@pbx.lan")) << "a SIP URI needs a pattern of its own";
}

/// Ten question marks are meant for national numbers: a foreign one of ten digits as it is written is none.
TEST(Numbers, ADestinationIsJudgedAlikeHoweverItIsWritten)
{
    const auto expect = [](const char* pattern, const Numbers& numbers, bool expected,
                           std::initializer_list<const char*> spellings) {
        for (const char* destination : spellings)
            EXPECT_EQ(is_allowed({pattern}, destination, numbers), expected) << pattern << " and " << destination;
    };
    for (const char* pattern : {"??????????", "*", "*678", "?612345678"})
        expect(pattern, netherlands, true, {"0612345678", "0031612345678", "+31612345678"});
    for (const char* pattern : {"??????????", "*123", "?032900123"})
        expect(pattern, netherlands, false, {"0032900123", "+32900123"});
    expect("?????????????", netherlands, false, {"0612345678", "0031612345678", "+31612345678"});
    expect("00*", netherlands, true, {"0032900123", "+32900123"});
    expect("??????????", italy, true, {"0612345678", "00390612345678", "+390612345678"});
    expect("????????????", {"", "", "00"}, false, {"004930123456", "+4930123456"});
    expect("*", netherlands, true, {"101", "112", "0900123"}); // no certain numbers: as they are written
    expect("*", {}, true, {"0032900123"});
    expect("*", netherlands, true, {"0032900123"});
}

} // namespace
} // namespace dialhook
