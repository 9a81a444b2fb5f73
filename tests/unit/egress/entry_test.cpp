#include "egress/rules.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace dialhook::egress {
namespace {

std::string read(std::string_view text)
{
    const auto entry = Entry::parse(text);
    if (!entry)
        return "refused";
    return (entry->network ? "network " : "name ") + entry->to_string();
}

TEST(Entry, IsANetworkOrAName)
{
    const std::string longest(63, 'a');
    const struct
    {
        std::string text, entry;
    } cases[] = {
        {"10.0.0.0/8", "network 10.0.0.0/8"},
        {"10.1.2.3", "network 10.1.2.3"},
        {"::1", "network ::1"},
        {"crm.lan", "name crm.lan"},
        {"CRM.Lan.", "name crm.lan"},
        {"localhost", "name localhost"},
        {"my_host-1.lan", "name my_host-1.lan"},
        {"3com.com", "name 3com.com"},
        {"1.2.3.4.example", "name 1.2.3.4.example"},
        {"xn--bcher-kva.example", "name xn--bcher-kva.example"},
        {longest + ".nl", "name " + longest + ".nl"},
    };
    for (const auto& [text, entry] : cases)
        EXPECT_EQ(read(text), entry) << text;
}

TEST(Entry, RefusesWhatIsNeither)
{
    using namespace std::string_literals;
    const std::string refused[] = {
        "",
        ".",
        "crm..lan",
        ".crm.lan",
        "crm.lan..",
        "*.lan",
        "crm lan",
        "crm.lan/8",
        "http://crm.lan",
        "crm.lan:80",
        "b\xc3\xbc"
        "cher.example",
        "-crm.lan",
        "crm-.lan",
        "10.20",
        "1.2.3.4.5",
        "0x7f.1",
        "crm.0x1",
        "0x7f000001",
        "2130706433",
        "10.1.2.3/8",
        "10.0.0.0/33",
        "[::1]",
        "fe80::1%eth0",
        "crm\0.lan"s,
        "127.1",
        "127.0.0.1.",
        std::string(64, 'a'),
        std::string(63, 'a') + "." + std::string(63, 'b') + "." + std::string(63, 'c') + "." + std::string(63, 'd'),
    };
    for (const auto& text : refused)
        EXPECT_EQ(read(text), "refused") << text;
}

TEST(Entry, TakesMappedNetworksAsTheIPv4NetworksThatTheyAre)
{
    EXPECT_EQ(read("::ffff:10.0.0.0/104"), "network 10.0.0.0/8");
    EXPECT_EQ(read("::ffff:10.1.2.3"), "network 10.1.2.3");
    EXPECT_EQ(read("::ffff:0:0/96"), "network 0.0.0.0/0");
    EXPECT_EQ(read("::/95"), "network ::/95");
}

} // namespace
} // namespace dialhook::egress
