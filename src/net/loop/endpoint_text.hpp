#pragma once

#include <boost/asio/ip/tcp.hpp>

#include <string>

namespace dialhook::net {

/// Returns `10.0.0.1:80`, `[2001:db8::1]:80`
inline std::string text_of(const boost::asio::ip::tcp::endpoint& endpoint)
{
    const std::string address = endpoint.address().to_string();
    return (endpoint.address().is_v6() ? "[" + address + "]" : address) + ":" + std::to_string(endpoint.port());
}

} // namespace dialhook::net
