#include "egress/network.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>

namespace dialhook::egress {
namespace {

using boost::asio::ip::make_address;

std::string read(std::string_view text)
{
    const auto network = Network::parse(text);
    return network ? network->to_string() : "refused";
}

TEST(Network, ReadsAddressesAndNetworksOfBothFamilies)
{
    const struct
    {
        std::string_view text, network;
    } cases[] = {
        {"10.0.0.0/8", "10.0.0.0/8"},
        {"0.0.0.0/0", "0.0.0.0/0"},
        {"192.0.2.1", "192.0.2.1"},
        {"192.0.2.1/32", "192.0.2.1"},
        {"198.18.0.0/15", "198.18.0.0/15"},
        {"::1", "::1"},
        {"::/0", "::/0"},
        {"::1/128", "::1"},
        {"FC00::/7", "fc00::/7"},
        {"2001:0DB8::/32", "2001:db8::/32"},
        {"3fff::/20", "3fff::/20"},
        {"::ffff:10.0.0.0/104", "::ffff:10.0.0.0/104"},
    };
    for (const auto& [text, network] : cases)
        EXPECT_EQ(read(text), network) << text;
}

TEST(Network, RefusesWhatIsNoneOrCouldMeanTwoThings)
{
    using namespace std::string_view_literals;
    const std::string_view refused[] = {
        "",
        " ",
        "10",
        "10.1",
        "10.0.0.0.0",
        "010.0.0.1",
        "10.0.0.256",
        "0x7f.0.0.1",
        "10.0.0.0/",
        "10.0.0.0/33",
        "10.0.0.0/08",
        "10.0.0.0/+8",
        "10.0.0.0/-1",
        "10.0.0.0/8/8",
        "10.0.0.0/8 ",
        " 10.0.0.0/8",
        "10.0.0.0/99999999999",
        "::/129",
        "[::1]",
        "::1%1",
        "fe80::1%eth0",
        "fe80::%1/10",
        "::g",
        ":",
        "1:2:3:4:5:6:7",
        "1:2:3:4:5:6:7:8:9",
        "/8",
        "crm.lan",
        "10.0.0.1\0"sv,
        "::1\0%1"sv,
        "10.1.2.3/8",
        "0.0.0.1/0",
        "::1/0",
        "fe80::1/10",
    };
    for (const auto text : refused)
        EXPECT_EQ(read(text), "refused") << text;
}

TEST(Network, SaysWhichNetworkWasMeantByOneWithHostBits)
{
    const struct
    {
        std::string_view text, meant;
    } cases[] = {
        {"10.1.2.3/8", "10.0.0.0/8"},    {"198.19.0.0/15", "198.18.0.0/15"}, {"192.0.2.1/31", "192.0.2.0/31"},
        {"1.2.3.4/0", "0.0.0.0/0"},      {"fe80::1/10", "fe80::/10"},        {"3fff:fff::/20", "3fff::/20"},
        {"febf:ffff::/10", "fe80::/10"}, {"10.0.0.0/8", "10.0.0.0/8"},
    };
    for (const auto& [text, meant] : cases)
        EXPECT_EQ(Network::parse_clearing_host_bits(text).value().to_string(), meant) << text;

    EXPECT_EQ(Network::parse_clearing_host_bits("10.1.2.3/33"), std::nullopt);
    EXPECT_EQ(Network::parse_clearing_host_bits("crm.lan/8"), std::nullopt);
}

TEST(Network, ContainsItsAddressesAndNotTheirNeighbours)
{
    const struct
    {
        std::string_view network, before, first, last, after;
    } cases[] = {
        {"10.0.0.0/8", "9.255.255.255", "10.0.0.0", "10.255.255.255", "11.0.0.0"},
        {"172.16.0.0/12", "172.15.255.255", "172.16.0.0", "172.31.255.255", "172.32.0.0"},
        {"192.0.2.4/31", "192.0.2.3", "192.0.2.4", "192.0.2.5", "192.0.2.6"},
        {"192.0.2.1", "192.0.2.0", "192.0.2.1", "192.0.2.1", "192.0.2.2"},
        {"fc00::/7", "fbff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
         "fe00::"},
        {"3fff::/20", "3ffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff",
         "3fff:1000::"},
        {"::1", "::", "::1", "::1", "::2"},
    };
    for (const auto& each : cases) {
        const auto network = Network::parse(each.network).value();
        EXPECT_FALSE(network.contains(make_address(each.before))) << each.network;
        EXPECT_TRUE(network.contains(make_address(each.first))) << each.network;
        EXPECT_TRUE(network.contains(make_address(each.last))) << each.network;
        EXPECT_FALSE(network.contains(make_address(each.after))) << each.network;
    }
}

TEST(Network, KeepsTheFamiliesApart)
{
    EXPECT_FALSE(Network::parse("::/0")->contains(make_address("10.0.0.1")));
    EXPECT_FALSE(Network::parse("0.0.0.0/0")->contains(make_address("::1")));
    EXPECT_FALSE(Network::parse("10.0.0.0/8")->contains(make_address("::ffff:10.0.0.1")));
    EXPECT_FALSE(Network::parse("::/0")->contains(*Network::parse("10.0.0.0/8")));
    EXPECT_NE(Network::parse("0.0.0.0/0"), Network::parse("::/0"));
}

TEST(Network, ContainsNetworksThatLieWhollyInIt)
{
    const auto eight = Network::parse("10.0.0.0/8").value();
    EXPECT_TRUE(eight.contains(eight));
    EXPECT_TRUE(eight.contains(*Network::parse("10.255.0.0/16")));
    EXPECT_FALSE(eight.contains(*Network::parse("8.0.0.0/6")));
    EXPECT_FALSE(eight.contains(*Network::parse("11.0.0.0/16")));
}

TEST(Network, OfAnAddressForgetsTheZone)
{
    const boost::asio::ip::address_v6 zoned(boost::asio::ip::make_address_v6("fe80::1").to_bytes(), 7);
    EXPECT_EQ(Network::of(zoned).to_string(), "fe80::1");
    EXPECT_TRUE(Network::parse("fe80::/10")->contains(boost::asio::ip::address(zoned)));
}

} // namespace
} // namespace dialhook::egress
