#pragma once

#include <boost/asio/ip/tcp.hpp>

#include <string_view>

namespace dialhook::daemon {

/// A listening TCP socket. Whoever has it closes it.
struct TcpListener
{
    boost::asio::ip::tcp::endpoint address;
    int socket = -1;
    bool is_passed = false; ///< systemd opened it, and has it still
};

/// Opens one of our own, whose queue is long enough for all channels of an Asterisk at once. Throws std::runtime_error
/// with a sentence that names the address and what helps. `key` is the setting that names the address.
TcpListener listen_on(const boost::asio::ip::tcp::endpoint& endpoint, std::string_view key);

/// Wraps a listening TCP socket that systemd passed. Throws std::system_error.
TcpListener passed_listener(int socket);

} // namespace dialhook::daemon
