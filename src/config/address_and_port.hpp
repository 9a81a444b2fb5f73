#pragma once

#include <boost/asio/ip/address.hpp>

#include <cstdint>
#include <optional>
#include <string_view>

namespace dialhook::config {

struct AddressAndPort
{
    boost::asio::ip::address address;
    std::uint16_t port;
};

/// Reads `ADDRESS:PORT` or `[IPV6]:PORT` with a literal address and a port from 1; with `default_port` also `ADDRESS`,
/// `IPV6` and `[IPV6]` alone. Returns nullopt if it is none of them.
std::optional<AddressAndPort> parse_address_and_port(std::string_view text,
                                                     std::optional<std::uint16_t> default_port = std::nullopt);

} // namespace dialhook::config
