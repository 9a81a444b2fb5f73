#pragma once

#include "egress/rules.hpp"
#include "net/dns/resolver.hpp"
#include "net/loop/poller.hpp"
#include "net/nats/nats_connection.hpp"

#include <chrono>
#include <memory>

namespace dialhook::net {

/// Opens connections to NATS servers: DNS, egress rules for each address, the race between addresses, INFO, TLS where
/// the server or the target wants it, and the login, all within `connect_timeout`.
class NatsConnector
{
public:
    using Connection = std::shared_ptr<NatsConnection>;

    NatsConnector(asio::io_context& context, Poller& poller, TimerWheel& wheel, Resolver& resolver, NatsPace pace)
        : context_(context)
        , poller_(poller)
        , wheel_(wheel)
        , resolver_(resolver)
        , pace_(pace)
    {
    }

    /// The caller keeps what it refers to. A failure without `detail`: `cancellation` was requested.
    Awaitable<boost::system::result<Connection, NatsFailure>>
    open(const NatsTarget& target, const NatsTarget::Server& server, const egress::Rules& rules,
         std::chrono::milliseconds connect_timeout, Cancellation& cancellation);

private:
    /// A server that is being connected to. `doing` is what `connect_timeout` broke off.
    struct Attempt
    {
        const NatsTarget& target;
        const NatsTarget::Server& server;
        const egress::Rules& rules;
        std::chrono::milliseconds connect_timeout;
        const char* doing = "resolving its name";
    };

    Awaitable<boost::system::result<Connection, NatsFailure>> connect(Attempt& attempt, Cancellation& phase);
    Awaitable<Result<TcpSocket>> dial(Attempt& attempt, Cancellation& phase);
    Awaitable<Result<std::unique_ptr<Transport>>> secured(TcpSocket socket, Attempt& attempt,
                                                          std::shared_ptr<TlsSession> session, Cancellation& phase);
    Awaitable<Result<std::unique_ptr<Transport>>> transport_of(TcpSocket socket, Attempt& attempt,
                                                               NatsGreeting& greeting, Cancellation& phase);

    asio::io_context& context_;
    Poller& poller_;
    TimerWheel& wheel_;
    Resolver& resolver_;
    const NatsPace pace_;
};

} // namespace dialhook::net
