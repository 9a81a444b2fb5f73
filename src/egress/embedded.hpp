#pragma once

#include "egress/network.hpp"

#include <boost/asio/ip/address_v4.hpp>
#include <boost/asio/ip/address_v6.hpp>

#include <optional>

namespace dialhook::egress {

/// The IPv4 addresses inside an IPv6 address.
struct EmbeddedV4
{
    const Network* form;                                   ///< the block that says so, such as 2002::/16
    boost::asio::ip::address_v4 address;                   ///< whom the packets are for in the end
    std::optional<boost::asio::ip::address_v4> via_server; ///< Teredo: its server, which gets packets too
};

/// Returns nullopt if the address is a plain IPv6 one, which :: and ::1 are too.
std::optional<EmbeddedV4> embedded_v4(const boost::asio::ip::address_v6& address);

} // namespace dialhook::egress
