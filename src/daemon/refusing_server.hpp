#pragma once

#include "daemon/acceptor.hpp"
#include "daemon/passed_sockets.hpp"
#include "log/log.hpp"
#include "net/loop/asio.hpp"

#include <boost/asio/posix/stream_descriptor.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace dialhook::daemon {

/// Stands in for a daemon that has no configuration to serve with: what connects to a passed socket, or waits in its
/// queue already, is answered at once and closed. Otherwise it would wait for a daemon that does not come.
///
/// An engine gets error -32008, a channel of Asterisk the end of its connection, an HTTP client 503, and dialhookctl
/// the faults.
class RefusingServer
{
public:
    /// Throws std::system_error.
    RefusingServer(PassedSockets& passed, std::vector<std::string> faults, log::Log& log);

    /// Refuses for so long. Returns early at a signal, and then whether it was one to stop.
    bool refuse_for(std::chrono::milliseconds time);

private:
    net::Awaitable<void> refuse_engine(net::UnixSocket socket);
    net::Awaitable<void> refuse_control(net::UnixSocket socket);
    net::Awaitable<void> refuse_channel(net::TcpSocket socket);
    net::Awaitable<void> refuse_http(net::TcpSocket socket);
    net::Awaitable<void> take_signal();
    void end_conversations();

    std::vector<std::string> faults_;
    net::asio::io_context context_{1};
    std::optional<UnixAcceptor> engines_;
    std::optional<UnixAcceptor> controls_;
    std::optional<TcpAcceptor> channels_;
    std::optional<TcpAcceptor> http_;
    net::asio::posix::basic_stream_descriptor<net::Executor> signals_;
    bool asked_to_stop_ = false;
};

} // namespace dialhook::daemon
