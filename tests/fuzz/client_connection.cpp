#include "fuzz/client_connection.hpp"

#include "fuzz/decision_property.hpp"
#include "net/transport/plain_transport.hpp"

namespace dialhook::fuzz {
namespace {

constexpr std::string_view request = "GET / HTTP/1.1\r\nHost: crm.lan\r\n\r\n";
constexpr std::size_t max_idle = 1;

bool is_half_a_reply(net::FailureKind kind)
{
    return kind == net::FailureKind::cut || kind == net::FailureKind::bad_reply;
}

} // namespace

bool Outcome::operator==(const Outcome& other) const
{
    if (failure && other.failure)
        return failure == other.failure || (is_half_a_reply(*failure) && is_half_a_reply(*other.failure));
    return !failure && !other.failure && response.status == other.response.status &&
           response.body == other.response.body && response.location == other.response.location &&
           response.keep_alive == other.response.keep_alive && response.body_is_coded == other.response.body_is_coded &&
           response.body_too_long == other.response.body_too_long;
}

ClientConnection::ClientConnection()
    : origin_(std::make_shared<net::PooledOrigin>(std::make_shared<net::ConnectionPool>(max_idle)))
    , pair_(context_)
    , connection_(std::make_shared<net::UpstreamConnection>(
          std::make_unique<net::PlainTransport>(poller_, std::move(pair_.ours())), net::asio::ip::tcp::endpoint(),
          origin_, wheel_))
{
    connection_->start();
}

ClientConnection::~ClientConnection()
{
    connection_->close();
    wheel_.close();
    turn();
}

net::Awaitable<Outcome> ClientConnection::ask()
{
    net::Cancellation cancellation;
    net::Timing timing;
    const auto failure = co_await connection_->exchange({.target = target_, .text = request}, cancellation, timing);
    Outcome outcome;
    if (failure) {
        outcome.failure = failure->kind;
        require_sound_outcome(*failure);
    } else {
        outcome.response = connection_->response();
    }
    co_return outcome;
}

bool ClientConnection::take()
{
    auto& idle = origin_->idle;
    if (idle.empty())
        return false;
    idle.pop_back();
    origin_->pool->counts.idle.subtract();
    if (connection_->wake(true))
        return true;
    connection_->close();
    return false;
}

void ClientConnection::turn()
{
    context_.restart();
    context_.poll();
}

} // namespace dialhook::fuzz
