#pragma once

#include "yaml/value.hpp"

#include <boost/asio/ip/udp.hpp>

#include <optional>
#include <string_view>

namespace dialhook::config {

/// Reads `ADDRESS`, `ADDRESS:PORT` or `[IPV6]:PORT`; returns nullopt if it is none of them.
std::optional<boost::asio::ip::udp::endpoint> parse_dns_server(std::string_view text);

std::optional<boost::asio::ip::udp::endpoint> read_dns_server(const Value& value);

} // namespace dialhook::config
