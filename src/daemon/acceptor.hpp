#pragma once

#include <dialhook/log/log.hpp>
#include <dialhook/net/asio.hpp>

#include <functional>

namespace dialhook::daemon {

/// Accepts connections on a listening Unix socket until it is closed. When descriptors run out it waits a moment
/// instead of spinning; who wants to connect waits in the socket's queue meanwhile.
class Acceptor
{
public:
    using Adopt = std::function<void(net::UnixSocket)>;

    /// Takes over `listening`, a listening socket.
    Acceptor(net::asio::io_context& context, int listening, Adopt adopt, log::Log& log);

    void close();

private:
    net::Awaitable<void> accept();

    net::asio::basic_socket_acceptor<net::asio::local::stream_protocol, net::Executor> acceptor_;
    net::SteadyTimer pause_;
    Adopt adopt_;
    log::Log& log_;
};

} // namespace dialhook::daemon
