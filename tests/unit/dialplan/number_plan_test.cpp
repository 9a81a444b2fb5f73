#include "dialplan/number_plan.hpp"

#include <gtest/gtest.h>

#include <initializer_list>

namespace dialhook::dialplan {
namespace {

NumberPlan plan_of(std::initializer_list<const char*> keys, const Numbers& numbers = {})
{
    SharedList<Dialplan> plans;
    for (const char* key : keys)
        plans.push_back({key, {}, {}});
    return NumberPlan(std::move(plans), numbers);
}

/// The key of the dialplan that is found, or `-`.
std::string found(const NumberPlan& numbers, std::string_view did)
{
    const Dialplan* const plan = numbers.find(did);
    return plan == nullptr ? "-" : plan->key;
}

TEST(NumberPlan, TheNumberItselfThenTheLongestPrefixThenDefault)
{
    const NumberPlan numbers = plan_of({"+3150*", "+31502102544", "+31*", "default", "+3150210*", "101", "*9*"});
    struct
    {
        const char* did;
        const char* key;
    } const cases[] = {
        {"+31502102544", "+31502102544"},
        {"+31502102545", "+3150210*"},
        {"+3150210", "+3150210*"},
        {"+3150211", "+3150*"},
        {"+315", "+31*"},
        {"+31", "+31*"},
        {"+3", "default"},
        {"101", "101"},
        {"1012", "default"},
        {"*97", "*9*"},
        {"*9", "*9*"},
        {"default", "default"},
        {"+3150210*", "+3150210*"},
        {"tel:+31-50-2102544", "+31502102544"},
        {"sip:101@pbx.lan", "101"},
    };
    for (const auto& [did, key] : cases)
        EXPECT_EQ(found(numbers, did), key) << did;
}

TEST(NumberPlan, WithoutDefaultOtherNumbersHaveNone)
{
    const NumberPlan numbers = plan_of({"+31502102544", "+49*"});
    for (const char* did : {"+31502102543", "+3150210254", "+315021025440", "31502102544", "+4", "", "default", "*"})
        EXPECT_EQ(found(numbers, did), "-") << did;
    EXPECT_EQ(found(NumberPlan(), "101"), "-");
}

TEST(NumberPlan, InternationalPrefixMeansPlusOnBothSides)
{
    const NumberPlan numbers = plan_of({"0031502102544", "+49*", "0044*"}, {"", "0", "00"});
    EXPECT_EQ(found(numbers, "+31502102544"), "0031502102544");
    EXPECT_EQ(found(numbers, "0031502102544"), "0031502102544");
    EXPECT_EQ(found(numbers, "00491"), "+49*");
    EXPECT_EQ(found(numbers, "+441"), "0044*");
    EXPECT_EQ(found(numbers, "0502102544"), "-");
}

TEST(NumberPlan, BothSidesAreComparedInE164)
{
    const NumberPlan numbers = plan_of({"050-210 25 44", "+316*", "020*", "101", "1*", "default"}, {"31", "0", "00"});
    struct
    {
        const char* did;
        const char* key;
    } const cases[] = {
        {"+31502102544", "050-210 25 44"},
        {"0502102544", "050-210 25 44"},
        {"0031502102544", "050-210 25 44"},
        {"sip:0502102544@pbx.lan", "050-210 25 44"},
        {"0612345678", "+316*"},
        {"+31201234567", "020*"},
        {"0201234567", "020*"},
        {"020112", "020*"}, // too short to be certain, but as it is written
        {"0201", "020*"},
        {"06112", "default"},
        {"101", "101"},
        {"112", "1*"},
        {"+4930123456", "default"},
    };
    for (const auto& [did, key] : cases)
        EXPECT_EQ(found(numbers, did), key) << did;

    const NumberPlan danish = plan_of({"33*", "33123456", "1*"}, {"45", "", "00"});
    EXPECT_EQ(found(danish, "+4533123456"), "33123456");
    EXPECT_EQ(found(danish, "+4533123457"), "33*");
    EXPECT_EQ(found(danish, "331"), "33*");
    EXPECT_EQ(found(danish, "101"), "1*");
    EXPECT_EQ(found(danish, "+4612345678"), "-");
}

TEST(NumberPlan, FindsAKeyAgain)
{
    NumberPlan numbers = plan_of({"+31*", "+31502102544", "default"}, {"31", "0", "00"});
    for (const char* key : {"+31*", "+31502102544", "default"})
        EXPECT_EQ(numbers.with_key(key)->key, key);
    for (const char* otherwise : {"0031*", "0*"})
        EXPECT_EQ(numbers.with_key(otherwise)->key, "+31*") << "the same key after a reload that wrote it otherwise";
    EXPECT_EQ(numbers.with_key("0502102544")->key, "+31502102544");
    for (const char* gone : {"+31", "+3150*", "31502102544", "*", ""})
        EXPECT_EQ(numbers.with_key(gone), nullptr) << gone;

    const Dialplan* const before = numbers.find("+31502102544");
    const NumberPlan moved = std::move(numbers);
    EXPECT_EQ(moved.find("+31502102544"), before) << "moving a configuration leaves its dialplans where they are";
}

} // namespace
} // namespace dialhook::dialplan
