#pragma once

#include "egress/rules.hpp"
#include "net/dns/resolver.hpp"
#include "net/http/http_client.hpp"
#include "net/http/upstream_connection.hpp"
#include "net/loop/poller.hpp"
#include "net/transport/tls_transport.hpp"

#include <memory>

namespace dialhook::net {

/// Opens connections: DNS, egress rules for each address, the race between addresses, TLS, all within
/// `connect_timeout`. A failure says in which phase it happened.
class Connector
{
public:
    Connector(asio::io_context& context, Poller& poller, TimerWheel& wheel, Resolver& resolver)
        : context_(context)
        , poller_(poller)
        , wheel_(wheel)
        , resolver_(resolver)
    {
    }

    Awaitable<Result<std::shared_ptr<UpstreamConnection>>> open(const Target& target,
                                                                std::shared_ptr<PooledOrigin> origin,
                                                                Conditions conditions, Cancellation& cancellation,
                                                                Timing& timing);

private:
    /// Sets `once_more` if another connection, which offers all versions of TLS, may get through.
    Awaitable<Result<std::shared_ptr<UpstreamConnection>>> secure(TcpSocket socket, const Target& target,
                                                                  std::shared_ptr<PooledOrigin> origin,
                                                                  Cancellation& cancellation, Cancellation& phase,
                                                                  Timing& timing, bool& once_more);
    Result<std::shared_ptr<UpstreamConnection>> plain(TcpSocket socket, const Target& target,
                                                      std::shared_ptr<PooledOrigin> origin);
    Awaitable<Result<Addresses>> addresses_of(const Target& target, Conditions conditions, Cancellation& cancellation);
    Awaitable<Result<std::unique_ptr<TlsTransport>>>
    handshake(TcpSocket socket, const Target& target, TlsSession& session, Cancellation& cancellation, bool& once_more);
    std::shared_ptr<UpstreamConnection> started(std::unique_ptr<Transport> transport,
                                                const asio::ip::tcp::endpoint& peer, const Target& target,
                                                std::shared_ptr<PooledOrigin> origin);

    asio::io_context& context_;
    Poller& poller_;
    TimerWheel& wheel_;
    Resolver& resolver_;
};

} // namespace dialhook::net
