#pragma once

#include "log/log.hpp"
#include "net/loop/asio.hpp"

#include <functional>

namespace dialhook::daemon {

/// Accepts connections on a listening socket until it is closed. When descriptors run out it waits a moment
/// instead of spinning, and says so at most once a minute; who wants to connect waits in the socket's queue meanwhile.
template <class Protocol>
class Acceptor
{
public:
    using Socket = net::asio::basic_stream_socket<Protocol, net::Executor>;
    using Adopt = std::function<void(Socket)>;

    /// Takes over `listening`, a listening socket of `protocol`.
    Acceptor(net::asio::io_context& context, const Protocol& protocol, int listening, Adopt adopt, log::Log& log);

    void close();

private:
    net::Awaitable<void> accept();

    net::asio::basic_socket_acceptor<Protocol, net::Executor> acceptor_;
    net::SteadyTimer pause_;
    Adopt adopt_;
    log::Log& log_;
};

using UnixAcceptor = Acceptor<net::asio::local::stream_protocol>;
using TcpAcceptor = Acceptor<net::asio::ip::tcp>;

extern template class Acceptor<net::asio::local::stream_protocol>;
extern template class Acceptor<net::asio::ip::tcp>;

} // namespace dialhook::daemon
