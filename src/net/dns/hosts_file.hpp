#pragma once

#include <boost/asio/ip/address.hpp>

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace dialhook::net {

/// Addresses by name (lower case), as hosts(5) has them.
using HostsFile = std::unordered_map<std::string, std::vector<boost::asio::ip::address>>;

/// Reads the text of a hosts file; lines that are none are left out. `localhost` is always there (RFC 6761, 6.3).
HostsFile read_hosts_file(std::string_view text);

} // namespace dialhook::net
