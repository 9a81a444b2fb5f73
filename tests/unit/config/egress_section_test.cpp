#include "unit/config/loading.hpp"

#include <boost/asio/ip/address.hpp>

namespace dialhook::config::test {
namespace {

using boost::asio::ip::make_address;

TEST(EgressSection, OpensNothingByItself)
{
    const auto rules = load_well("webhooks: {}").egress;
    EXPECT_EQ(rules, egress::Rules());
    EXPECT_TRUE(rules.judge("10.0.0.1", make_address("10.0.0.1")));
}

TEST(EgressSection, ListsAreRead)
{
    const auto rules = load_well(R"(
egress:
  allow: [10.20.0.0/16, CRM.lan, "fd00::/8", 192.168.1.1]
  deny: [10.20.30.40, bad.example]
)")
                           .egress;
    EXPECT_FALSE(rules.judge("10.20.0.1", make_address("10.20.0.1")));
    EXPECT_FALSE(rules.judge("crm.lan", make_address("172.16.0.1")));
    EXPECT_FALSE(rules.judge("fd00::1", make_address("fd00::1")));
    EXPECT_TRUE(rules.judge("10.20.30.40", make_address("10.20.30.40")));
    EXPECT_TRUE(rules.judge("bad.example", make_address("198.41.0.4")));
    EXPECT_TRUE(rules.judge("192.168.1.2", make_address("192.168.1.2")));
}

class EgressSectionFaults : public testing::TestWithParam<FaultCase>
{
};

TEST_P(EgressSectionFaults, AreNamed)
{
    EXPECT_EQ(faults_of(GetParam().yaml), GetParam().faults);
}

#define ENTRY "expected an address, a network such as 10.20.0.0/16, or a name such as crm.lan"

constexpr FaultCase faults[] = {
    {"HostBits", "egress: {allow: [10.20.0.1/16]}",
     "1:18: egress.allow: found \"10.20.0.1/16\", " ENTRY "; the address has bits set after the first 16, so write "
     "10.20.0.0/16 or the address alone"},
    {"ManyBits", "egress: {allow: [10.20.0.0/33]}",
     "1:18: egress.allow: found \"10.20.0.0/33\", " ENTRY
     "; the part after the slash is a number of bits from 0 to 32"},
    {"ManyBitsOfIpv6", "egress: {deny: [\"fd00::/129\"]}",
     "1:17: egress.deny: found \"fd00::/129\", " ENTRY "; the part after the slash is a number of bits from 0 to 128"},
    {"NetMask", "egress: {allow: [10.20.0.0/255.255.0.0]}",
     "1:18: egress.allow: found \"10.20.0.0/255.255.0.0\", " ENTRY
     "; the part after the slash is a number of bits from 0 to 32"},
    {"ShortAddress", "egress: {allow: [10.20/16]}",
     "1:18: egress.allow: found \"10.20/16\", " ENTRY "; the part before the slash is not a complete address"},
    {"NoAddress", "egress: {allow: [300.1.2.3]}", "1:18: egress.allow: found \"300.1.2.3\", " ENTRY},
    {"Number", "egress: {allow: [10]}", "1:18: egress.allow: found 10, " ENTRY},
    {"Wildcard", "egress: {allow: [\"*.lan\"]}",
     "1:18: egress.allow: found \"*.lan\", " ENTRY "; names are exact, so list each one"},
    {"Url", "egress: {allow: [\"http://crm.lan/\"]}",
     "1:18: egress.allow: found \"http://crm.lan/\", " ENTRY "; write the host alone, without scheme and path"},
    {"UrlWithPassword", "egress: {allow: [\"http://me:secret@crm.lan/\"]}",
     "1:18: egress.allow: found \"…\", " ENTRY "; write the host alone, without scheme and path"},
    {"Port", "egress: {allow: [\"crm.lan:80\"]}",
     "1:18: egress.allow: found \"crm.lan:80\", " ENTRY "; rules hold for every port, so leave the port out"},
    {"Brackets", "egress: {allow: [\"[::1]\"]}",
     "1:18: egress.allow: found \"[::1]\", " ENTRY "; write an IPv6 address without brackets"},
    {"NotAList", "egress: {allow: 10.0.0.0/8}",
     "1:17: egress.allow: found a text, expected a list, such as [10.20.0.0/16, crm.lan]"},
    {"NothingInTheList", "egress: {allow: [~, {a: b}]}",
     "1:18: egress.allow: found nothing, " ENTRY "\n1:21: egress.allow: found a mapping, " ENTRY},
};
INSTANTIATE_TEST_SUITE_P(All, EgressSectionFaults, testing::ValuesIn(faults), case_name);

} // namespace
} // namespace dialhook::config::test
