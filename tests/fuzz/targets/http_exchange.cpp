#include "fuzz/decision_property.hpp"
#include "fuzz/require.hpp"
#include "fuzz/socket_pair.hpp"
#include "fuzz/targets.hpp"
#include "net/connection.hpp"
#include "net/tls_stream.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>

namespace dialhook::fuzz {
namespace {

namespace asio = net::asio;

constexpr std::string_view request = "GET / HTTP/1.1\r\nHost: crm.lan\r\n\r\n";

/// How one exchange ended.
struct Outcome
{
    std::optional<net::FailureKind> failure;
    net::Response response;

    /// A head that is wrong and has no end is refused, or waited for until it is cut: Beast looks for the end first
    /// where it comes in portions. Both are the web server's failure.
    bool operator==(const Outcome& other) const
    {
        if (failure && other.failure)
            return failure == other.failure || (is_half_a_reply() && other.is_half_a_reply());
        return !failure && !other.failure && same(response, other.response);
    }

private:
    bool is_half_a_reply() const { return failure == net::FailureKind::cut || failure == net::FailureKind::bad_reply; }
    static bool same(const net::Response& left, const net::Response& right)
    {
        return left.status == right.status && left.body == right.body && left.location == right.location &&
               left.keep_alive == right.keep_alive && left.body_is_coded == right.body_is_coded &&
               left.body_too_long == right.body_too_long;
    }
};

/// One event loop with a connection of the real client on it, whose web server sends `bytes` in portions and closes.
class Loop
{
public:
    Loop()
        : pair_(context_)
        , connection_(std::make_shared<net::Connection>(
              std::move(pair_.ours()), nullptr,
              std::make_shared<net::PooledOrigin>(std::make_shared<net::ConnectionPool>(1)), wheel_))
    {
        connection_->start();
    }
    ~Loop()
    {
        connection_->close();
        wheel_.close();
        context_.restart();
        context_.poll();
    }
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

    Outcome exchange(std::string_view bytes, std::size_t portion)
    {
        std::optional<Outcome> outcome;
        asio::co_spawn(context_, ask(outcome), asio::detached);
        context_.poll();
        while (!bytes.empty() && !outcome) {
            const std::string_view next = bytes.substr(0, portion);
            if (!pair_.send(next))
                break;
            bytes.remove_prefix(next.size());
            context_.poll();
        }
        if (!outcome) {
            pair_.end();
            context_.poll();
        }
        require(outcome.has_value(), "an exchange ends when the web server has closed");
        return *outcome;
    }

    bool is_reusable() const { return connection_->is_reusable(); }

private:
    net::Awaitable<void> ask(std::optional<Outcome>& outcome)
    {
        net::Stop stop;
        net::Timing timing;
        const auto failure = co_await connection_->exchange({.target = target_, .text = request}, stop, timing);
        outcome.emplace();
        if (failure) {
            outcome->failure = failure->kind;
            require_sound_outcome(*failure);
        } else {
            outcome->response = connection_->response();
        }
    }

    asio::io_context context_{1};
    net::TimerWheel wheel_{context_};
    const net::Target target_;
    SocketPair pair_;
    std::shared_ptr<net::Connection> connection_;
};

} // namespace

/// All that a web server sends before it closes.
void http_exchange(std::string_view input)
{
    constexpr std::size_t most = 150'000; // fits into a socket, and is beyond every limit
    input = input.substr(0, most);
    Loop whole;
    const Outcome outcome = whole.exchange(input, 2048);
    require(outcome == Loop().exchange(input, 1 + input.size() / 7), "portions change nothing");
    if (input.size() < 600)
        require(outcome == Loop().exchange(input, 1), "single bytes change nothing");
    if (outcome.failure)
        return;

    require(outcome.response.status >= 100 && outcome.response.status <= 999, "a response has a status");
    require(outcome.response.body.size() <= net::Response::max_body, "a body is no longer than promised");
    require_sound_outcome(outcome.response);
    if (whole.is_reusable())
        require(whole.exchange(input, 2048) == outcome, "a connection that is used again answers the same");
}

} // namespace dialhook::fuzz
