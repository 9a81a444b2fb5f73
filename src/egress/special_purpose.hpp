#pragma once

#include "egress/network.hpp"

#include <string_view>

/// What the IANA registries say about blocks of addresses.
namespace dialhook::egress {

/// One block that is not plain global unicast.
struct SpecialBlock
{
    Network network;
    std::string_view name;   ///< as in the registry, without capitals where it has them for looks
    std::string_view source; ///< "RFC 1918"
    bool reachable;          ///< "globally reachable" in the registry; not its value where that is N/A
};

/// Returns the most specific block that holds the address, or null. IPv4 inside IPv6 has been unwrapped before.
const SpecialBlock* special_block_of(const boost::asio::ip::address& address);

} // namespace dialhook::egress
