#include "judging.hpp"

#include <gtest/gtest.h>

namespace dialhook::egress {
namespace {

const std::string ten = "private-use 10.0.0.0/8 (RFC 1918) for the IPv4 address 10.1.2.3 in it";

TEST(EmbeddedIPv4, IsJudgedInEveryForm)
{
    const struct
    {
        std::string_view address;
        std::string rule;
    } cases[] = {
        {"::ffff:10.1.2.3", ten},
        {"::10.1.2.3", ten},
        {"64:ff9b::10.1.2.3", ten},
        {"2002:a01:203::", ten},
        {"2002:a01:203:ffff:ffff:ffff:ffff:ffff", ten},
        {"2001:0:101:101:8000:63bf:f5fe:fdfc", ten}, // Teredo: server 1.1.1.1, client 10.1.2.3
        {"2001:0:a01:203:8000:63bf:fefe:fefe", ten}, // Teredo: server 10.1.2.3, client 1.1.1.1

        {"::ffff:1.1.1.1", "open"},
        {"::1.1.1.1", "open"},
        {"64:ff9b::1.1.1.1", "open"},
        {"2002:101:101::1", "open"},
        {"2001:0:101:101:8000:63bf:fefe:fefe", "open"},

        {"::ffff:169.254.169.254", "link-local 169.254.0.0/16 (RFC 3927) for the IPv4 address 169.254.169.254 in it"},
        {"::ffff:0.0.0.0", "this host on this network 0.0.0.0 (RFC 1122) for the IPv4 address 0.0.0.0 in it"},
        {"64:ff9b::", "this host on this network 0.0.0.0 (RFC 1122) for the IPv4 address 0.0.0.0 in it"},
        {"::ffff:127.0.0.1", "loopback 127.0.0.0/8 (RFC 1122) for the IPv4 address 127.0.0.1 in it"},
        {"::ffff:224.0.0.1", "multicast 224.0.0.0/4 (RFC 5771) for the IPv4 address 224.0.0.1 in it"},
        {"::ffff:192.0.0.9", "open"},
        {"::2", "this network 0.0.0.0/8 (RFC 791) for the IPv4 address 0.0.0.2 in it"},
    };
    for (const auto& [address, rule] : cases)
        EXPECT_EQ(rule_for({}, address), rule) << address;
}

TEST(EmbeddedIPv4, FormsEndWhereTheirBlocksEnd)
{
    const std::string_view open[] = {
        "::1:0:0",                               // after ::/96, before ::ffff:0:0/96
        "::fffe:10.1.2.3",                       // before ::ffff:0:0/96
        "::1:0:10.1.2.3",                        // after it
        "64:ff9a:ffff:ffff:ffff:ffff:a01:203",   // before 64:ff9b::/96
        "64:ff9b::1:a01:203",                    // after it
        "2001:ffff:a01:203::",                   // before 2002::/16
        "2003:a01:203::",                        // after it
        "2000:ffff:a01:203:8000:63bf:f5fe:fdfc", // before 2001::/32
    };
    for (const auto address : open)
        EXPECT_EQ(rule_for({}, address), "open") << address;
    EXPECT_EQ(rule_for({}, "2001:1:a01:203:8000:63bf:f5fe:fdfc"), "IETF protocol assignments 2001::/23 (RFC 2928)");
    EXPECT_EQ(rule_for({}, "64:ff9b:1::1.1.1.1"), "IPv4-IPv6 translation 64:ff9b:1::/48 (RFC 8215)");
}

TEST(EmbeddedIPv4, IsOpenedAndClosedByEntriesOnTheIPv4Network)
{
    const Rules allow(entries({"10.1.2.0/24"}), {});
    const Rules deny({}, entries({"1.1.1.0/24"}));
    const std::string closed = "egress.deny 1.1.1.0/24 for the IPv4 address 1.1.1.1 in it";

    EXPECT_EQ(rule_for(allow, "::ffff:10.1.2.3"), "open");
    EXPECT_EQ(rule_for(allow, "::10.1.2.3"), "open");
    EXPECT_EQ(rule_for(allow, "64:ff9b::10.1.2.3"), "open");
    EXPECT_EQ(rule_for(allow, "2002:a01:203::1"), "open");
    EXPECT_EQ(rule_for(allow, "2001:0:101:101:8000:63bf:f5fe:fdfc"), "open");
    EXPECT_EQ(rule_for(allow, "2001:0:a01:203:8000:63bf:fefe:fefe"), "open");
    EXPECT_EQ(rule_for(allow, "::ffff:10.1.3.0"),
              "private-use 10.0.0.0/8 (RFC 1918) for the IPv4 address 10.1.3.0 in it");

    EXPECT_EQ(rule_for(deny, "::ffff:1.1.1.1"), closed);
    EXPECT_EQ(rule_for(deny, "::1.1.1.1"), closed);
    EXPECT_EQ(rule_for(deny, "64:ff9b::1.1.1.1"), closed);
    EXPECT_EQ(rule_for(deny, "2002:101:101::1"), closed);
    EXPECT_EQ(rule_for(deny, "2001:0:808:808:8000:63bf:fefe:fefe"), closed); // client
    EXPECT_EQ(rule_for(deny, "2001:0:101:101:8000:63bf:f7f7:f7f7"), closed); // server
}

TEST(EmbeddedIPv4, OfATeredoServerAndClientBothMustBeOpen)
{
    const std::string_view both_private = "2001:0:a01:203:8000:63bf:3f57:fefe"; // 10.1.2.3 and 192.168.1.1
    EXPECT_EQ(rule_for(Rules(entries({"192.168.0.0/16"}), {}), both_private), ten);
    EXPECT_EQ(rule_for(Rules(entries({"10.0.0.0/8"}), {}), both_private),
              "private-use 192.168.0.0/16 (RFC 1918) for the IPv4 address 192.168.1.1 in it");
    EXPECT_EQ(rule_for(Rules(entries({"10.0.0.0/8", "192.168.0.0/16"}), {}), both_private), "open");
}

TEST(EmbeddedIPv4, IsNotOpenedByAnEntryThatMeansIPv6AsAWhole)
{
    const Rules wide(entries({"::/0", "2000::/3", "64:ff9b::/32", "2001::/23"}), {});
    EXPECT_EQ(rule_for(wide, "::ffff:10.1.2.3"), ten);
    EXPECT_EQ(rule_for(wide, "64:ff9b::10.1.2.3"), ten);
    EXPECT_EQ(rule_for(wide, "2002:a01:203::"), ten);
    EXPECT_EQ(rule_for(wide, "2001:0:101:101:8000:63bf:f5fe:fdfc"), ten);
    EXPECT_EQ(rule_for(wide, "64:ff9b:1::1"), "open");
    EXPECT_EQ(rule_for(wide, "fd00::1"), "open");

    EXPECT_EQ(rule_for(Rules(entries({"64:ff9b::/96"}), {}), "64:ff9b::10.1.2.3"), "open");
    EXPECT_EQ(rule_for(Rules(entries({"2002:a00::/24"}), {}), "2002:a01:203::"), "open");
    EXPECT_EQ(rule_for(Rules(entries({"2002:b00::/24"}), {}), "2002:a01:203::"), ten);
}

TEST(EmbeddedIPv4, IsClosedByAnIPv6EntryOfAnyWidth)
{
    EXPECT_EQ(rule_for(Rules({}, entries({"::/0"})), "::ffff:1.1.1.1"), "egress.deny ::/0");
    EXPECT_EQ(rule_for(Rules({}, entries({"2002::/16"})), "2002:101:101::"), "egress.deny 2002::/16");
    EXPECT_EQ(rule_for(Rules({}, entries({"::ffff:1.1.1.1"})), "1.1.1.1"), "egress.deny 1.1.1.1");
}

} // namespace
} // namespace dialhook::egress
