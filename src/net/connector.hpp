#pragma once

#include "net/connection.hpp"

#include <dialhook/egress/rules.hpp>
#include <dialhook/net/http_client.hpp>
#include <dialhook/net/resolver.hpp>

#include <memory>

namespace dialhook::net {

/// Opens connections: DNS, egress rules on each address, the race between addresses, TLS. All of it within
/// `connect_timeout`; a failure says which phase it was in.
class Connector
{
public:
    Connector(asio::io_context& context, TimerWheel& wheel, Resolver& resolver)
        : context_(context)
        , wheel_(wheel)
        , resolver_(resolver)
    {
    }

    Awaitable<Result<std::shared_ptr<Connection>>> open(const Target& target, std::shared_ptr<PooledOrigin> origin,
                                                        Conditions conditions, Stop& stop, Timing& timing);

private:
    Awaitable<Result<std::shared_ptr<Connection>>> secure(TcpSocket socket, const Target& target,
                                                          std::shared_ptr<PooledOrigin> origin, Stop& stop, Stop& phase,
                                                          Timing& timing);
    Awaitable<Result<Addresses>> addresses_of(const Target& target, Conditions conditions, Stop& stop);
    Awaitable<void> until_made(const TlsContext& context, Stop& stop);
    Awaitable<Result<std::unique_ptr<Connection::TlsStream>>> handshake(TcpSocket socket, const Target& target,
                                                                        TlsSession& session, Stop& stop);

    asio::io_context& context_;
    TimerWheel& wheel_;
    Resolver& resolver_;
};

} // namespace dialhook::net
