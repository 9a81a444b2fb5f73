#include "base/name_pattern.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace dialhook {
namespace {

TEST(NamePattern, WithoutASignItIsAPart)
{
    EXPECT_TRUE(matches("Acme CRM", "CRM"));
    EXPECT_TRUE(matches("Acme CRM", "crm"));
    EXPECT_TRUE(matches("Acme CRM", "e c"));
    EXPECT_TRUE(matches("Acme CRM", "Acme CRM"));
    EXPECT_TRUE(matches("Acme CRM", ""));
    EXPECT_TRUE(matches("", ""));
    EXPECT_FALSE(matches("Acme CRM", "CRM2"));
    EXPECT_FALSE(matches("Acme CRM", "Acme CRM "));
    EXPECT_FALSE(matches("", "a"));
}

TEST(NamePattern, WithOneItIsTheWholeName)
{
    EXPECT_TRUE(matches("acme-crm", "acme*"));
    EXPECT_TRUE(matches("acme-crm", "*crm"));
    EXPECT_TRUE(matches("acme-crm", "A*-*M"));
    EXPECT_TRUE(matches("acme-crm", "acme-???"));
    EXPECT_TRUE(matches("acme-crm", "*"));
    EXPECT_TRUE(matches("", "*"));
    EXPECT_TRUE(matches("acme", "acme**"));
    EXPECT_TRUE(matches("aab", "*ab"));
    EXPECT_TRUE(matches("abcabd", "*ab?"));
    EXPECT_FALSE(matches("acme-crm", "crm*"));
    EXPECT_FALSE(matches("acme-crm", "acme-??"));
    EXPECT_FALSE(matches("acme-crm", "acme-????"));
    EXPECT_FALSE(matches("", "?"));
    EXPECT_FALSE(matches("acme", "*x*"));
}

TEST(NamePattern, ManyStarsEndSoon)
{
    const std::string name(10'000, 'a');
    EXPECT_FALSE(matches(name, "*a*a*a*a*a*a*a*a*b"));
}

} // namespace
} // namespace dialhook
