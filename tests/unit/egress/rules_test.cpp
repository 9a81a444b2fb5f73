#include "judging.hpp"

#include <gtest/gtest.h>

#include <cstdint>

namespace dialhook::egress {
namespace {

TEST(Rules, SayWhatClosedAnAddressAndWhatWouldOpenIt)
{
    EXPECT_EQ(verdict({}, "crm.lan", "10.1.2.3"),
              "10.1.2.3 is closed by private-use 10.0.0.0/8 (RFC 1918); egress.allow: [10.1.2.3] would open it");
    EXPECT_EQ(verdict({}, "crm.lan", "fd00::1"),
              "fd00::1 is closed by unique-local fc00::/7 (RFC 4193); egress.allow: [fd00::1] would open it");
    EXPECT_EQ(verdict({}, "crm.lan", "64:ff9b::10.1.2.3"),
              "64:ff9b::a01:203 is closed by private-use 10.0.0.0/8 (RFC 1918) for the IPv4 address 10.1.2.3 in it; "
              "egress.allow: [10.1.2.3] would open it");
    EXPECT_EQ(verdict(Rules({}, entries({"192.0.2.0/24"})), "crm.lan", "192.0.2.7"),
              "192.0.2.7 is closed by egress.deny 192.0.2.0/24; it stays closed as long as egress.deny has that entry");
    EXPECT_EQ(verdict(Rules({}, entries({"CRM.lan"})), "crm.lan", "1.1.1.1"),
              "crm.lan is closed by egress.deny crm.lan; it stays closed as long as egress.deny has that entry");
}

TEST(Rules, OpenWhatTheSentenceSaysWouldOpenIt)
{
    EXPECT_EQ(verdict(Rules(entries({"10.1.2.3"}), {}), "crm.lan", "10.1.2.3"), "open");
    EXPECT_EQ(verdict(Rules(entries({"fd00::1"}), {}), "crm.lan", "fd00::1"), "open");
    EXPECT_EQ(verdict(Rules(entries({"10.1.2.3"}), {}), "crm.lan", "64:ff9b::10.1.2.3"), "open");
}

TEST(Rules, NetworksInAllowOpenThemselvesAndNothingElse)
{
    const Rules rules(entries({"10.20.0.0/16", "::1"}), {});
    EXPECT_EQ(rule_for(rules, "10.19.255.255"), "private-use 10.0.0.0/8 (RFC 1918)");
    EXPECT_EQ(rule_for(rules, "10.20.0.0"), "open");
    EXPECT_EQ(rule_for(rules, "10.20.255.255"), "open");
    EXPECT_EQ(rule_for(rules, "10.21.0.0"), "private-use 10.0.0.0/8 (RFC 1918)");
    EXPECT_EQ(rule_for(rules, "::1"), "open");
    EXPECT_EQ(rule_for(rules, "::"), "unspecified address :: (RFC 4291)");
    EXPECT_EQ(rule_for(rules, "1.1.1.1"), "open");
}

TEST(Rules, DenyWinsOverAllow)
{
    const Rules rules(entries({"10.0.0.0/8", "crm.lan", "shop.example"}), entries({"10.1.0.0/16", "shop.example"}));
    EXPECT_EQ(rule_for(rules, "10.0.255.255"), "open");
    EXPECT_EQ(rule_for(rules, "10.1.0.0"), "egress.deny 10.1.0.0/16");
    EXPECT_EQ(rule_for(rules, "10.1.255.255"), "egress.deny 10.1.0.0/16");
    EXPECT_EQ(rule_for(rules, "10.2.0.0"), "open");
    EXPECT_EQ(rules.judge("crm.lan", ip("10.1.2.3")).value().rule, "egress.deny 10.1.0.0/16");
    EXPECT_EQ(rules.judge("crm.lan", ip("::ffff:10.1.2.3")).value().rule,
              "egress.deny 10.1.0.0/16 for the IPv4 address 10.1.2.3 in it");
    EXPECT_EQ(rules.judge("shop.example", ip("1.1.1.1")).value().rule, "egress.deny shop.example");
}

TEST(Rules, ANameInAllowOpensWhatItResolvesToAndNoOtherName)
{
    const Rules rules(entries({"crm.lan"}), {});
    for (const auto address : {"10.1.2.3", "127.0.0.1", "169.254.169.254", "::1", "fd00::1", "::ffff:10.1.2.3",
                               "2001:0:a01:203:8000:63bf:f5fe:fdfc"})
        EXPECT_EQ(verdict(rules, "crm.lan", address), "open") << address;
    EXPECT_EQ(verdict(rules, "crm.lan.", "10.1.2.3"), "open");

    for (const auto host : {"crm.lan.example", "www.crm.lan", "rm.lan", "lan", "10.1.2.3", ""})
        EXPECT_TRUE(rules.judge(host, ip("10.1.2.3"))) << host;
}

TEST(Rules, ANameInDenyClosesThatNameAndNoOther)
{
    const Rules rules({}, entries({"crm.example"}));
    EXPECT_EQ(rules.judge("crm.example.", ip("1.1.1.1")).value().subject, "crm.example.");
    EXPECT_FALSE(rules.judge("www.crm.example", ip("1.1.1.1")));
    EXPECT_FALSE(rules.judge("1.1.1.1", ip("1.1.1.1")));
}

TEST(Rules, NeverLetAZoneIdThrough)
{
    const auto zoned = [](std::string_view address, std::uint32_t zone) {
        return boost::asio::ip::address_v6(ip(address).to_v6().to_bytes(), zone);
    };
    const Rules rules(entries({"::/0", "fe80::/10", "crm.lan"}), {});

    EXPECT_EQ(rules.judge("crm.lan", zoned("fe80::1", 2)).value().sentence(),
              "fe80::1%2 is closed by its zone id; an address with a zone id is never dialled");
    EXPECT_EQ(rules.judge("crm.lan", zoned("2606:4700::1111", 1)).value().sentence(),
              "2606:4700::1111%1 is closed by its zone id; an address with a zone id is never dialled");
    EXPECT_FALSE(rules.judge("crm.lan", zoned("fe80::1", 0)));
}

TEST(Rules, OfAProxyJudgeLiteralAddressesAlone)
{
    EXPECT_EQ(Rules().judge("169.254.169.254").value().rule, "link-local 169.254.0.0/16 (RFC 3927)");
    EXPECT_EQ(Rules().judge("::1").value().rule, "loopback address ::1 (RFC 4291)");
    for (const auto host : {"1.1.1.1", "crm.example", "crm.example.", "2.crm", "0x7f.crm", "crm.1e100", "crm-0"})
        EXPECT_FALSE(Rules().judge(host)) << host;
}

TEST(Rules, OfAProxyDenyWhatItCouldTakeForAnAddress)
{
    const Rules open(entries({"0.0.0.0/0", "::/0"}), {});
    for (const auto host : {"2852039166", "0xa9fea9fe", "0x7f.1", "127.1", "0177.0.0.1", "010.0.0.1", "169.254.43518",
                            "2130706433.", "127.0.0.1.", "0", "0.", "256.1.1.1", "1.2.3.4.5", "0x"})
    {
        EXPECT_TRUE(Rules().judge(host)) << host;
        EXPECT_TRUE(open.judge(host)) << host;
    }
    EXPECT_EQ(Rules().judge("127.1").value().sentence(),
              "127.1 is closed by its form, which other programs take for an address; write an address as four numbers "
              "from 0 to 255, such as 192.0.2.1");
}

TEST(Rules, CompareByWhatTheyHold)
{
    const Rules one(entries({"10.0.0.0/8", "crm.lan"}), {});
    EXPECT_EQ(one, Rules(entries({"10.0.0.0/8", "CRM.lan."}), {}));
    EXPECT_FALSE(one == Rules({}, entries({"10.0.0.0/8", "crm.lan"})));
    EXPECT_FALSE(one == Rules());
}

} // namespace
} // namespace dialhook::egress
