#include "judging.hpp"

#include <gtest/gtest.h>

namespace dialhook::egress {
namespace {

/// A block, by both ends and both neighbours; the neighbours' rules are "open" where nothing adjoins.
struct Range
{
    std::string_view before, first, last, after;
    std::string_view rule_before, rule, rule_after;
};

void check(const Range& range)
{
    const Rules rules;
    EXPECT_EQ(rule_for(rules, range.before), range.rule_before) << range.before;
    EXPECT_EQ(rule_for(rules, range.first), range.rule) << range.first;
    EXPECT_EQ(rule_for(rules, range.last), range.rule) << range.last;
    EXPECT_EQ(rule_for(rules, range.after), range.rule_after) << range.after;
}

TEST(SpecialPurpose, IPv4BlocksAreClosedAndTheirNeighboursAreNot)
{
    const std::string_view private_use = "private-use 192.168.0.0/16 (RFC 1918)";
    const Range ranges[] = {
        {"0.0.0.1", "0.0.0.2", "0.255.255.255", "1.0.0.0", "this network 0.0.0.0/8 (RFC 791)",
         "this network 0.0.0.0/8 (RFC 791)", "open"},
        {"9.255.255.255", "10.0.0.0", "10.255.255.255", "11.0.0.0", "open", "private-use 10.0.0.0/8 (RFC 1918)",
         "open"},
        {"100.63.255.255", "100.64.0.0", "100.127.255.255", "100.128.0.0", "open",
         "shared address space 100.64.0.0/10 (RFC 6598)", "open"},
        {"126.255.255.255", "127.0.0.0", "127.255.255.255", "128.0.0.0", "open", "loopback 127.0.0.0/8 (RFC 1122)",
         "open"},
        {"169.253.255.255", "169.254.0.0", "169.254.255.255", "169.255.0.0", "open",
         "link-local 169.254.0.0/16 (RFC 3927)", "open"},
        {"172.15.255.255", "172.16.0.0", "172.31.255.255", "172.32.0.0", "open", "private-use 172.16.0.0/12 (RFC 1918)",
         "open"},
        {"191.255.255.255", "192.0.0.0", "192.0.0.7", "192.0.0.8", "open",
         "IPv4 service continuity prefix 192.0.0.0/29 (RFC 7335)", "IPv4 dummy address 192.0.0.8 (RFC 7600)"},
        {"192.0.0.10", "192.0.0.11", "192.0.0.169", "192.0.0.170", "open",
         "IETF protocol assignments 192.0.0.0/24 (RFC 6890)", "NAT64/DNS64 discovery 192.0.0.170 (RFC 8880)"},
        {"192.0.0.171", "192.0.0.172", "192.0.0.255", "192.0.1.0", "NAT64/DNS64 discovery 192.0.0.171 (RFC 8880)",
         "IETF protocol assignments 192.0.0.0/24 (RFC 6890)", "open"},
        {"192.0.1.255", "192.0.2.0", "192.0.2.255", "192.0.3.0", "open",
         "documentation (TEST-NET-1) 192.0.2.0/24 (RFC 5737)", "open"},
        {"192.88.98.255", "192.88.99.0", "192.88.99.1", "192.88.99.2", "open",
         "deprecated 6to4 relay anycast 192.88.99.0/24 (RFC 7526)", "6a44 relay anycast 192.88.99.2 (RFC 6751)"},
        {"192.88.99.2", "192.88.99.3", "192.88.99.255", "192.88.100.0", "6a44 relay anycast 192.88.99.2 (RFC 6751)",
         "deprecated 6to4 relay anycast 192.88.99.0/24 (RFC 7526)", "open"},
        {"192.167.255.255", "192.168.0.0", "192.168.255.255", "192.169.0.0", "open", private_use, "open"},
        {"198.17.255.255", "198.18.0.0", "198.19.255.255", "198.20.0.0", "open",
         "benchmarking 198.18.0.0/15 (RFC 2544)", "open"},
        {"198.51.99.255", "198.51.100.0", "198.51.100.255", "198.51.101.0", "open",
         "documentation (TEST-NET-2) 198.51.100.0/24 (RFC 5737)", "open"},
        {"203.0.112.255", "203.0.113.0", "203.0.113.255", "203.0.114.0", "open",
         "documentation (TEST-NET-3) 203.0.113.0/24 (RFC 5737)", "open"},
        {"223.255.255.255", "224.0.0.0", "239.255.255.255", "240.0.0.0", "open", "multicast 224.0.0.0/4 (RFC 5771)",
         "reserved 240.0.0.0/4 (RFC 1112)"},
        {"239.255.255.255", "240.0.0.0", "255.255.255.254", "255.255.255.255", "multicast 224.0.0.0/4 (RFC 5771)",
         "reserved 240.0.0.0/4 (RFC 1112)", "limited broadcast 255.255.255.255 (RFC 919)"},
    };
    for (const auto& range : ranges)
        check(range);

    EXPECT_EQ(rule_for({}, "0.0.0.0"), "this host on this network 0.0.0.0 (RFC 1122)");
    EXPECT_EQ(rule_for({}, "169.254.169.254"), "link-local 169.254.0.0/16 (RFC 3927)");
}

TEST(SpecialPurpose, IPv6BlocksAreClosedAndTheirNeighboursAreNot)
{
    const std::string_view ietf = "IETF protocol assignments 2001::/23 (RFC 2928)";
    const Range ranges[] = {
        {"64:ff9b:0:ffff:ffff:ffff:ffff:ffff", "64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff",
         "64:ff9b:2::", "open", "IPv4-IPv6 translation 64:ff9b:1::/48 (RFC 8215)", "open"},
        {"ff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "100::", "100::ffff:ffff:ffff:ffff", "100:0:0:1::", "open",
         "discard-only address block 100::/64 (RFC 6666)", "dummy IPv6 prefix 100:0:0:1::/64 (RFC 9780)"},
        {"100::ffff:ffff:ffff:ffff", "100:0:0:1::", "100::1:ffff:ffff:ffff:ffff", "100:0:0:2::",
         "discard-only address block 100::/64 (RFC 6666)", "dummy IPv6 prefix 100:0:0:1::/64 (RFC 9780)", "open"},
        {"2001:1::", "2001:1::4", "2001:1:ffff:ffff:ffff:ffff:ffff:ffff", "2001:2::", ietf, ietf,
         "benchmarking 2001:2::/48 (RFC 5180)"},
        {"2001:1:ffff:ffff:ffff:ffff:ffff:ffff", "2001:2::", "2001:2:0:ffff:ffff:ffff:ffff:ffff", "2001:2:1::", ietf,
         "benchmarking 2001:2::/48 (RFC 5180)", ietf},
        {"2001:f:ffff:ffff:ffff:ffff:ffff:ffff", "2001:10::", "2001:1f:ffff:ffff:ffff:ffff:ffff:ffff",
         "2001:20::", ietf, "deprecated ORCHID 2001:10::/28 (RFC 4843)", "open"},
        {"2001:3f:ffff:ffff:ffff:ffff:ffff:ffff", "2001:40::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff",
         "2001:200::", "open", ietf, "open"},
        {"2001:db7:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff",
         "2001:db9::", "open", "documentation 2001:db8::/32 (RFC 3849)", "open"},
        {"3ffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff",
         "3fff:1000::", "open", "documentation 3fff::/20 (RFC 9637)", "open"},
        {"5eff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "5f00::", "5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
         "5f01::", "open", "segment routing (SRv6) SIDs 5f00::/16 (RFC 9602)", "open"},
        {"fbff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
         "fe00::", "open", "unique-local fc00::/7 (RFC 4193)", "open"},
        {"fe7f:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
         "fec0::", "open", "link-local unicast fe80::/10 (RFC 4291)", "deprecated site-local fec0::/10 (RFC 3879)"},
        {"febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "fec0::", "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
         "ff00::", "link-local unicast fe80::/10 (RFC 4291)", "deprecated site-local fec0::/10 (RFC 3879)",
         "multicast ff00::/8 (RFC 4291)"},
        {"feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ff00::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe",
         "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "deprecated site-local fec0::/10 (RFC 3879)",
         "multicast ff00::/8 (RFC 4291)", "multicast ff00::/8 (RFC 4291)"},
    };
    for (const auto& range : ranges)
        check(range);

    EXPECT_EQ(rule_for({}, "::"), "unspecified address :: (RFC 4291)");
    EXPECT_EQ(rule_for({}, "::1"), "loopback address ::1 (RFC 4291)");
}

TEST(SpecialPurpose, GloballyReachableExceptionsStayOpen)
{
    const std::string_view ietf = "IETF protocol assignments 2001::/23 (RFC 2928)";
    const Range ranges[] = {
        {"192.0.0.8", "192.0.0.9", "192.0.0.10", "192.0.0.11", "IPv4 dummy address 192.0.0.8 (RFC 7600)", "open",
         "IETF protocol assignments 192.0.0.0/24 (RFC 6890)"},
        {"192.31.195.255", "192.31.196.0", "192.31.196.255", "192.31.197.0", "open", "open", "open"},
        {"192.52.192.255", "192.52.193.0", "192.52.193.255", "192.52.194.0", "open", "open", "open"},
        {"192.175.47.255", "192.175.48.0", "192.175.48.255", "192.175.49.0", "open", "open", "open"},
        {"2001:1::", "2001:1::1", "2001:1::3", "2001:1::4", ietf, "open", ietf},
        {"2001:1::", "2001:1::2", "2001:1::2", "2001:1::4", ietf, "open", ietf},
        {"2001:2:ffff:ffff:ffff:ffff:ffff:ffff", "2001:3::", "2001:3:ffff:ffff:ffff:ffff:ffff:ffff", "2001:4::", ietf,
         "open", ietf},
        {"2001:4:111:ffff:ffff:ffff:ffff:ffff", "2001:4:112::", "2001:4:112:ffff:ffff:ffff:ffff:ffff",
         "2001:4:113::", ietf, "open", ietf},
        {"2001:1f:ffff:ffff:ffff:ffff:ffff:ffff", "2001:20::", "2001:3f:ffff:ffff:ffff:ffff:ffff:ffff",
         "2001:40::", "deprecated ORCHID 2001:10::/28 (RFC 4843)", "open", ietf},
        {"2620:4f:7fff:ffff:ffff:ffff:ffff:ffff", "2620:4f:8000::", "2620:4f:8000:ffff:ffff:ffff:ffff:ffff",
         "2620:4f:8001::", "open", "open", "open"},
    };
    for (const auto& range : ranges)
        check(range);
}

TEST(SpecialPurpose, OrdinaryAddressesAreOpen)
{
    for (const auto address : {"1.1.1.1", "93.184.216.34", "2606:4700::1111", "2a00:1450:400e::200e"})
        EXPECT_EQ(rule_for({}, address), "open") << address;
}

} // namespace
} // namespace dialhook::egress
