#pragma once

#include <boost/asio/ip/tcp.hpp>

namespace dialhook::daemon {

/// A listening TCP socket, non-blocking, whose queue is long enough for all channels of an Asterisk at once. Throws
/// std::runtime_error with a sentence that names the address and what helps. The caller closes it.
int listen_on(const boost::asio::ip::tcp::endpoint& endpoint);

} // namespace dialhook::daemon
