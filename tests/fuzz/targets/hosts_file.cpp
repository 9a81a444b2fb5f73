#include "net/dns/hosts_file.hpp"

#include "config/address_and_port.hpp"
#include "config/dns_server.hpp"
#include "egress/network.hpp"
#include "egress/rules.hpp"
#include "fuzz/lines.hpp"
#include "fuzz/require.hpp"
#include "fuzz/targets.hpp"
#include "net/loop/endpoint_text.hpp"

#include <algorithm>
#include <string>

namespace dialhook::fuzz {
namespace {

void require_hosts(std::string_view text)
{
    const net::HostsFile hosts = net::read_hosts_file(text);
    require(hosts.contains("localhost"), "localhost is always there");
    for (const auto& [name, addresses] : hosts) {
        require(!name.empty() && !addresses.empty(), "a name has an address");
        require(name.find_first_of(" \t\r\n#") == std::string::npos, "a name is one word");
        require(std::ranges::none_of(name, [](char c) { return c >= 'A' && c <= 'Z'; }), "a name is in lower case");
    }
}

void require_server(std::string_view text)
{
    const auto server = config::parse_dns_server(text);
    if (!server)
        return;
    require(server->port() != 0, "a name server has a port");
    const boost::asio::ip::tcp::endpoint endpoint(server->address(), server->port());
    const auto again = config::parse_address_and_port(net::text_of(endpoint));
    require(again && again->address == server->address() && again->port == server->port(),
            "what was read can be written and read again");
}

void require_network(std::string_view text)
{
    const auto network = egress::Network::parse(text);
    if (!network)
        return;
    require(egress::Network::parse(network->to_string()) == network, "a network is read as it was written");
    require(egress::Entry::parse(text).has_value(), "a network is an entry of a list");
}

} // namespace

/// What this daemon reads of DNS and addresses itself: a hosts file, whose lines are also taken for name servers and
/// networks.
void hosts_file(std::string_view input)
{
    require_hosts(input);
    while (!input.empty()) {
        const std::string_view line = take_line(input);
        require_server(line);
        require_network(line);
    }
}

} // namespace dialhook::fuzz
