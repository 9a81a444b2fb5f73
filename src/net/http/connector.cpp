#include "net/http/connector.hpp"

#include "net/dial/addresses.hpp"
#include "net/dial/tls_client.hpp"
#include "net/http/tunnel.hpp"
#include "net/transport/plain_transport.hpp"
#include "net/transport/race.hpp"

namespace dialhook::net {
namespace {

/// Adds the time between its start and its end to a phase.
class Stopwatch
{
public:
    Stopwatch(Timing& timing, Phase phase)
        : spent_(timing[phase])
        , started_at_(Clock::now())
    {
    }
    void stop() { spent_ += Clock::now() - started_at_; }

private:
    Timing::Duration& spent_;
    TimePoint started_at_;
};

/// Returns the failure of an interrupted phase: the exchange was cancelled, or `connect_timeout` expired.
Failure broken_off(const Cancellation& whole, FailureKind kind, const std::string& doing)
{
    if (whole.requested())
        return {FailureKind::cancelled, {}};
    return {kind, "connect_timeout expired " + doing};
}

/// Returns the host whose address is dialled: the proxy's, if there is one.
const std::string& dialled_host(const Target& target)
{
    return target.proxy ? target.proxy->host : target.host;
}

std::uint16_t dialled_port(const Target& target)
{
    return target.proxy ? target.proxy->port : target.port;
}

asio::ip::tcp::endpoint peer_of(const TcpSocket& socket)
{
    error_code ignored;
    return socket.remote_endpoint(ignored);
}

Failure cannot_watch()
{
    return {FailureKind::resources, "the kernel cannot watch one more connection"};
}

} // namespace

Awaitable<Result<std::shared_ptr<UpstreamConnection>>> Connector::open(const Target& target,
                                                                       std::shared_ptr<PooledOrigin> origin,
                                                                       Conditions conditions,
                                                                       Cancellation& cancellation, Timing& timing)
{
    Cancellation phase;
    const OnCancel forward(cancellation, [&] { phase.request(cancellation.reason()); });
    const Deadline deadline(wheel_, phase, Clock::now() + conditions.connect_timeout);

    Stopwatch asking(timing, Phase::dns);
    const auto addresses = co_await addresses_of(target, conditions, phase);
    asking.stop();
    if (phase.requested())
        co_return broken_off(cancellation, FailureKind::dns_timeout, "while resolving " + target.host);
    if (!addresses)
        co_return addresses.error();

    while (true) {
        Stopwatch connecting(timing, Phase::connect);
        auto socket = co_await connect_first(context_, wheel_, endpoints_of(*addresses, dialled_port(target)), phase);
        connecting.stop();
        if (phase.requested())
            co_return broken_off(cancellation, FailureKind::connect_timeout, "while connecting to " + target.host);
        if (!socket)
            co_return socket.error();
        error_code ignored;
        socket->set_option(asio::ip::tcp::no_delay(true), ignored);

        if (!target.tls)
            co_return plain(*std::move(socket), target, std::move(origin));
        bool once_more = false;
        auto secured = co_await secure(*std::move(socket), target, origin, cancellation, phase, timing, once_more);
        if (!once_more)
            co_return secured;
    }
}

Result<std::shared_ptr<UpstreamConnection>> Connector::plain(TcpSocket socket, const Target& target,
                                                             std::shared_ptr<PooledOrigin> origin)
{
    const auto peer = peer_of(socket);
    auto transport = std::make_unique<PlainTransport>(poller_, std::move(socket));
    if (!transport->is_open())
        return cannot_watch();
    return started(std::move(transport), peer, target, std::move(origin));
}

/// Opens the tunnel through a proxy, if any, and TLS. Apart from `open`, whose coroutine frame it would double.
Awaitable<Result<std::shared_ptr<UpstreamConnection>>>
Connector::secure(TcpSocket socket, const Target& target, std::shared_ptr<PooledOrigin> origin,
                  Cancellation& cancellation, Cancellation& phase, Timing& timing, bool& once_more)
{
    if (target.proxy) {
        Stopwatch tunnelling(timing, Phase::connect);
        auto failure = co_await open_tunnel(socket, target, phase);
        tunnelling.stop();
        if (phase.requested())
            co_return broken_off(cancellation, FailureKind::connect_timeout, "while asking the proxy for a tunnel");
        if (failure)
            co_return *std::move(failure);
    }
    Stopwatch shaking(timing, Phase::tls);
    if (target.tls->native() == nullptr) // the first redirect of a daemon that speaks plain HTTP else
        co_await until_made(*target.tls, wheel_, phase);
    const auto peer = peer_of(socket);
    auto shaken = co_await handshake(std::move(socket), target, origin->tls_session, phase, once_more);
    shaking.stop();
    if (phase.requested())
        co_return broken_off(cancellation, FailureKind::tls_timeout, "in the TLS handshake with " + target.host);
    if (!shaken)
        co_return shaken.error();
    co_return started(*std::move(shaken), peer, target, std::move(origin));
}

std::shared_ptr<UpstreamConnection> Connector::started(std::unique_ptr<Transport> transport,
                                                       const asio::ip::tcp::endpoint& peer, const Target& target,
                                                       std::shared_ptr<PooledOrigin> origin)
{
    auto connection = std::make_shared<UpstreamConnection>(std::move(transport), peer, std::move(origin), wheel_);
    connection->start();
    if (connection->is_open() && !literal_address(dialled_host(target)))
        resolver_.follow(dialled_host(target), *connection);
    return connection;
}

Awaitable<Result<Addresses>> Connector::addresses_of(const Target& target, Conditions conditions,
                                                     Cancellation& cancellation)
{
    if (target.proxy) {
        if (auto denial = conditions.egress.judge(target.host))
            co_return Failure{FailureKind::egress, denial->sentence()};
    }
    auto known = co_await net::addresses_of(resolver_, dialled_host(target), conditions.connect_timeout, cancellation);
    if (!known)
        co_return known.error();
    if (target.proxy) // its own address is the administrator's choice
        co_return known;
    co_return permitted(*std::move(known), target.host, conditions.egress);
}

Awaitable<Result<std::unique_ptr<TlsTransport>>> Connector::handshake(TcpSocket socket, const Target& target,
                                                                      TlsSession& session, Cancellation& cancellation,
                                                                      bool& once_more)
{
    TlsConnection fresh = new_tls_client(*target.tls, target.host, session);
    if (!fresh)
        co_return cannot_start_tls();
    auto tls = std::make_unique<TlsTransport>(poller_, std::move(socket), std::move(fresh));
    if (!tls->is_open())
        co_return cannot_watch();

    const OnCancel on_cancel(cancellation, [&tls] { tls->close(Ending::reset); });
    const error_code error = co_await tls->handshake();
    if (error) {
        once_more = !cancellation.requested() && session.was_too_narrow(tls->native());
        co_return Failure{FailureKind::tls, handshake_fault(tls->native(), error, target.host)};
    }
    co_return tls;
}

} // namespace dialhook::net
