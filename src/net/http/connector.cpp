#include "net/http/connector.hpp"

#include "net/dns/root_dot.hpp"
#include "net/http/tunnel.hpp"
#include "net/loop/pause.hpp"
#include "net/transport/plain_transport.hpp"
#include "net/transport/race.hpp"
#include "net/transport/tls_context.hpp"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <algorithm>

namespace dialhook::net {
namespace {

constexpr std::chrono::milliseconds max_dns_patience{500};

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

/// Returns nullopt if `host` is a name.
std::optional<asio::ip::address> literal_address(const std::string& host)
{
    error_code not_an_address;
    const auto address = asio::ip::make_address(host, not_an_address);
    return not_an_address ? std::nullopt : std::optional(address);
}

/// Returns the allowed ones of `addresses`, or why none is allowed.
Result<Addresses> permitted(Addresses addresses, const Target& target, const egress::Rules& rules)
{
    std::optional<egress::Denial> denial;
    std::erase_if(addresses, [&](const asio::ip::address& address) {
        auto denied = rules.judge(target.host, address);
        const bool is_denied = denied.has_value();
        if (is_denied && !denial)
            denial = std::move(denied);
        return is_denied;
    });
    if (addresses.empty() && denial)
        return Failure{FailureKind::egress, denial->sentence()};
    return addresses;
}

/// Returns the endpoints in the order in which they are tried.
std::vector<asio::ip::tcp::endpoint> endpoints_of(const Addresses& addresses, const Target& target)
{
    std::vector<asio::ip::tcp::endpoint> endpoints;
    for (const auto& address : interleaved(addresses))
        endpoints.emplace_back(address, target.proxy ? target.proxy->port : target.port);
    return endpoints;
}

std::string handshake_fault(SSL* native, const error_code& error, const Target& target)
{
    if (const long verdict = SSL_get_verify_result(native); verdict != X509_V_OK)
        return "the certificate of " + target.host + " is not trusted: " + X509_verify_cert_error_string(verdict);
    return "TLS with " + target.host + " failed: " + error.message();
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

TlsConnection new_tls(const Target& target, TlsSession& session)
{
    TlsConnection connection(SSL_new(target.tls->native()));
    SSL* const native = connection.get();
    if (native == nullptr)
        return nullptr;
    if (literal_address(target.host)) {
        X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(native), target.host.c_str());
    } else {
        const std::string name = without_root_dot(target.host);
        SSL_set_tlsext_host_name(native, name.c_str());
        SSL_set1_host(native, name.c_str());
    }
    SSL_set_hostflags(native, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    session.prepare(native, Clock::now());
    return connection;
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
        auto socket = co_await connect_first(context_, wheel_, endpoints_of(*addresses, target), phase);
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

/// The first redirect of a daemon that speaks plain HTTP else leads here, and waits while the system's CAs are read.
Awaitable<void> Connector::until_made(const TlsContext& context, Cancellation& cancellation)
{
    context.make_in_background();
    while (context.is_in_the_making() && !cancellation.requested())
        co_await pause(wheel_, Clock::now() + TimerWheel::tick, cancellation);
}

/// The tunnel through a proxy, if there is one, and TLS. Apart from `open`, whose coroutine frame it would double.
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
    if (target.tls->native() == nullptr)
        co_await until_made(*target.tls, phase);
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
    Addresses known;
    if (const auto literal = literal_address(dialled_host(target))) {
        known.push_back(*literal);
    } else {
        const auto patience = std::min(max_dns_patience, conditions.connect_timeout / 4);
        auto addresses = co_await resolver_.resolve(dialled_host(target), patience, cancellation);
        if (!addresses)
            co_return addresses.error();
        known = std::move(*addresses);
    }
    if (target.proxy) // its own address is the administrator's choice
        co_return known;
    co_return permitted(std::move(known), target, conditions.egress);
}

Awaitable<Result<std::unique_ptr<TlsTransport>>> Connector::handshake(TcpSocket socket, const Target& target,
                                                                      TlsSession& session, Cancellation& cancellation,
                                                                      bool& once_more)
{
    TlsConnection fresh = new_tls(target, session);
    if (!fresh)
        co_return Failure{FailureKind::resources,
                          "OpenSSL cannot start: out of memory, or the trusted certificates cannot be read"};
    auto tls = std::make_unique<TlsTransport>(poller_, std::move(socket), std::move(fresh));
    if (!tls->is_open())
        co_return cannot_watch();

    const OnCancel on_cancel(cancellation, [&tls] { tls->close(Ending::reset); });
    const error_code error = co_await tls->handshake();
    if (error) {
        once_more = !cancellation.requested() && session.was_too_narrow(tls->native());
        co_return Failure{FailureKind::tls, handshake_fault(tls->native(), error, target)};
    }
    co_return tls;
}

} // namespace dialhook::net
