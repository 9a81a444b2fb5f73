#include "net/nats/nats_connector.hpp"

#include "net/dial/addresses.hpp"
#include "net/dial/tls_client.hpp"
#include "net/loop/endpoint_text.hpp"
#include "net/transport/plain_transport.hpp"
#include "net/transport/race.hpp"
#include "net/transport/tls_transport.hpp"

#include <array>
#include <utility>

namespace dialhook::net {
namespace {

Failure cannot_watch()
{
    return {FailureKind::resources, "the kernel cannot watch one more connection"};
}

/// Returns whether TLS comes next, or why the server cannot be used.
Result<bool> wants_tls(const NatsTarget& target, const NatsGreeting& greeting)
{
    const std::string name = text_of(greeting.peer);
    const bool is_offered = greeting.info.requires_tls || greeting.info.offers_tls;
    if (target.tls_is_required && !is_offered)
        return Failure{FailureKind::tls, name + " does not offer TLS, which the notification's `tls` asks for"};
    if (!greeting.info.requires_tls && !target.tls_is_required)
        return false;
    if (target.tls == nullptr)
        return Failure{FailureKind::tls, name + " requires TLS, for which nothing was configured"};
    if (!greeting.reader.is_empty())
        return Failure{FailureKind::tls, name + " sent more than its INFO before TLS"};
    return true;
}

/// Reads the INFO, and perhaps more, into `greeting`.
Awaitable<std::optional<Failure>> read_info(TcpSocket& socket, NatsGreeting& greeting, Cancellation& phase)
{
    const OnCancel on_cancel(phase, [&socket] {
        error_code ignored;
        socket.close(ignored);
    });
    const std::string name = text_of(greeting.peer);
    while (true) {
        std::array<char, 4096> bytes{};
        const auto [error, size] = co_await socket.async_read_some(asio::buffer(bytes), as_result);
        if (error)
            co_return Failure{FailureKind::connect, name + " closed the connection before it said INFO"};
        greeting.reader.feed({bytes.data(), size});
        auto next = greeting.reader.next();
        if (!next)
            co_return Failure{FailureKind::bad_reply,
                              name + " is no NATS server: it sent " + std::string(next.error())};
        if (!*next)
            continue;
        auto* const info = std::get_if<nats::Info>(&**next);
        if (info == nullptr)
            co_return Failure{FailureKind::bad_reply, name + " is no NATS server: it did not begin with INFO"};
        greeting.info = std::move(*info);
        co_return std::nullopt;
    }
}

} // namespace

Awaitable<boost::system::result<NatsConnector::Connection, NatsFailure>>
NatsConnector::open(const NatsTarget& target, const NatsTarget::Server& server, const egress::Rules& rules,
                    std::chrono::milliseconds connect_timeout, Cancellation& cancellation)
{
    if (cancellation.requested())
        co_return NatsFailure{};
    Cancellation phase;
    const OnCancel forward(cancellation, [&] { phase.request(cancellation.reason()); });
    const Deadline deadline(wheel_, phase, Clock::now() + connect_timeout);
    Attempt attempt{target, server, rules, connect_timeout};
    auto connection = co_await connect(attempt, phase);
    if (cancellation.requested())
        co_return NatsFailure{};
    if (phase.requested())
        co_return NatsFailure{"connect_timeout of " + server.host + ":" + std::to_string(server.port) +
                              " expired while " + attempt.doing};
    co_return connection;
}

Awaitable<boost::system::result<NatsConnector::Connection, NatsFailure>> NatsConnector::connect(Attempt& attempt,
                                                                                                Cancellation& phase)
{
    auto socket = co_await dial(attempt, phase);
    if (!socket)
        co_return NatsFailure{socket.error().detail};
    NatsGreeting greeting;
    error_code ignored;
    greeting.peer = socket->remote_endpoint(ignored);
    socket->set_option(asio::ip::tcp::no_delay(true), ignored);

    attempt.doing = "waiting for its INFO";
    if (const auto failure = co_await read_info(*socket, greeting, phase); failure)
        co_return NatsFailure{failure->detail};
    auto transport = co_await transport_of(*std::move(socket), attempt, greeting, phase);
    if (!transport)
        co_return NatsFailure{transport.error().detail};

    attempt.doing = "waiting until it took CONNECT";
    auto connection =
        std::make_shared<NatsConnection>(context_, wheel_, pace_, *std::move(transport), std::move(greeting));
    connection->start();
    auto failure = co_await connection->log_in(attempt.target.login, phase);
    if (!failure)
        co_return connection;
    connection->close(failure->detail);
    co_return *std::move(failure);
}

Awaitable<Result<TcpSocket>> NatsConnector::dial(Attempt& attempt, Cancellation& phase)
{
    auto known = co_await addresses_of(resolver_, attempt.server.host, attempt.connect_timeout, phase);
    if (!known)
        co_return known.error();
    auto allowed = permitted(*std::move(known), attempt.server.host, attempt.rules);
    if (!allowed)
        co_return allowed.error();
    attempt.doing = "connecting";
    auto socket = co_await connect_first(context_, wheel_, endpoints_of(*allowed, attempt.server.port), phase);
    co_return socket;
}

Awaitable<Result<std::unique_ptr<Transport>>> NatsConnector::transport_of(TcpSocket socket, Attempt& attempt,
                                                                          NatsGreeting& greeting, Cancellation& phase)
{
    const auto is_tls = wants_tls(attempt.target, greeting);
    if (!is_tls)
        co_return is_tls.error();
    if (*is_tls) {
        attempt.doing = "shaking hands for TLS";
        greeting.tls_session = std::make_shared<TlsSession>();
        auto tls = co_await secured(std::move(socket), attempt, greeting.tls_session, phase);
        co_return tls;
    }
    auto plain = std::make_unique<PlainTransport>(poller_, std::move(socket));
    if (!plain->is_open())
        co_return cannot_watch();
    co_return plain;
}

Awaitable<Result<std::unique_ptr<Transport>>>
NatsConnector::secured(TcpSocket socket, Attempt& attempt, std::shared_ptr<TlsSession> session, Cancellation& phase)
{
    const TlsContext& context = *attempt.target.tls;
    if (context.native() == nullptr)
        co_await until_made(context, wheel_, phase);
    if (phase.requested())
        co_return Failure{FailureKind::cancelled, {}};
    TlsConnection fresh = new_tls_client(context, attempt.server.host, *session);
    if (!fresh)
        co_return cannot_start_tls();
    auto tls = std::make_unique<TlsTransport>(poller_, std::move(socket), std::move(fresh));
    if (!tls->is_open())
        co_return cannot_watch();
    const OnCancel on_cancel(phase, [&tls] { tls->close(Ending::reset); });
    const error_code error = co_await tls->handshake();
    if (error)
        co_return Failure{FailureKind::tls, handshake_fault(tls->native(), error, attempt.server.host)};
    co_return tls;
}

} // namespace dialhook::net
