#include "net/dns/hosts_file.hpp"

#include "base/ascii.hpp"

#include <algorithm>

namespace dialhook::net {
namespace {

/// Takes the first word off `line`.
std::string_view next_word(std::string_view& line)
{
    constexpr std::string_view blanks = " \t\r";
    line.remove_prefix(std::min(line.find_first_not_of(blanks), line.size()));
    const std::string_view word = line.substr(0, line.find_first_of(blanks));
    line.remove_prefix(word.size());
    return word;
}

void read_line(std::string_view line, HostsFile& hosts)
{
    line = line.substr(0, line.find('#'));
    boost::system::error_code error;
    const auto address = boost::asio::ip::make_address(std::string(next_word(line)), error);
    if (error)
        return;
    for (std::string_view name = next_word(line); !name.empty(); name = next_word(line)) {
        auto& addresses = hosts[ascii::lowered(name)];
        if (std::find(addresses.begin(), addresses.end(), address) == addresses.end())
            addresses.push_back(address);
    }
}

} // namespace

HostsFile read_hosts_file(std::string_view text)
{
    HostsFile hosts;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        read_line(text.substr(0, end), hosts);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    if (!hosts.contains("localhost"))
        hosts["localhost"] = {boost::asio::ip::address_v6::loopback(), boost::asio::ip::address_v4::loopback()};
    return hosts;
}

} // namespace dialhook::net
