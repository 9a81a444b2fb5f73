#include "net/dns/hosts_file.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace dialhook::net {
namespace {

/// `name=address,address name=…` by name, without `localhost` if that is only the built-in one.
std::string shown(std::string_view text)
{
    const HostsFile hosts = read_hosts_file(text);
    std::vector<std::string> lines;
    for (const auto& [name, addresses] : hosts) {
        std::string line = name + "=";
        for (const auto& address : addresses)
            line += (line.back() == '=' ? "" : ",") + address.to_string();
        if (line != "localhost=::1,127.0.0.1")
            lines.push_back(line);
    }
    std::sort(lines.begin(), lines.end());
    std::string all;
    for (const std::string& line : lines)
        all += (all.empty() ? "" : " ") + line;
    return all;
}

TEST(HostsFile, IsReadAsItsManualSays)
{
    const std::pair<std::string_view, std::string_view> cases[] = {
        {"", ""},
        {"\n\n \n\t\n", ""},
        {"10.0.0.1 crm.lan", "crm.lan=10.0.0.1"},
        {"10.0.0.1 crm.lan\n", "crm.lan=10.0.0.1"},
        {"10.0.0.1\tcrm.lan  crm\tCRM2.Lan \r\n", "crm.lan=10.0.0.1 crm2.lan=10.0.0.1 crm=10.0.0.1"},
        {"  10.0.0.1 crm.lan", "crm.lan=10.0.0.1"},
        {"10.0.0.1 a\n10.0.0.2 b\n", "a=10.0.0.1 b=10.0.0.2"},
        {"10.0.0.1 a\n10.0.0.2 a\n2001:db8::1 a\n10.0.0.1 a", "a=10.0.0.1,10.0.0.2,2001:db8::1"},
        {"10.0.0.1 a # b c\n#10.0.0.2 d\n10.0.0.3#e", "a=10.0.0.1"},
        {"10.0.0.1", ""},
        {"crm.lan 10.0.0.1", ""},
        {"10.0.0 a\n10.0.0.256 b\n0x7f000001 c\n010.0.0.1x d\n10.0.0.1 e", "e=10.0.0.1"},
        {"::1 ip6\n::ffff:10.0.0.1 mapped", "ip6=::1 mapped=::ffff:10.0.0.1"},
        {"10.0.0.1 a\r10.0.0.2 b", "10.0.0.2=10.0.0.1 a=10.0.0.1 b=10.0.0.1"},
    };
    for (const auto& [text, expected] : cases)
        EXPECT_EQ(shown(text), expected) << text;
}

TEST(HostsFile, LocalhostIsAlwaysThere)
{
    using boost::asio::ip::make_address;
    EXPECT_EQ(read_hosts_file("").at("localhost"), (std::vector{make_address("::1"), make_address("127.0.0.1")}));
    EXPECT_EQ(read_hosts_file("127.0.0.2 LocalHost").at("localhost"), std::vector{make_address("127.0.0.2")});
}

TEST(HostsFile, AnyBytesAreHarmless)
{
    std::string text;
    for (int byte = 0; byte < 256; ++byte)
        text += "10.0.0.1 a" + std::string(1, static_cast<char>(byte)) + "b\n";
    EXPECT_FALSE(read_hosts_file(text).empty());
    EXPECT_EQ(shown(std::string(100'000, '1') + " a\n10.0.0.1 b"), "b=10.0.0.1");
}

} // namespace
} // namespace dialhook::net
