#pragma once

#include "config/configuration.hpp"
#include "yaml/value.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <optional>
#include <string_view>

namespace dialhook::config {

/// Reads `ADDRESS:PORT` to listen on; `expected` says what such an address looks like.
void read_listen(const Value& value, std::string_view expected, std::optional<boost::asio::ip::tcp::endpoint>& listen);

/// Returns whether a listener on one of them leaves no room for one on the other: the same port, and the same address
/// or one that takes in the other's.
bool overlap(const boost::asio::ip::tcp::endpoint& one, const boost::asio::ip::tcp::endpoint& other);

/// Faults where two of the daemon's sockets are to be in one place.
void check_listeners(const Value& server, const ServerSettings& settings);

} // namespace dialhook::config
