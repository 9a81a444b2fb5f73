#pragma once

#include "fuzz/socket_pair.hpp"
#include "net/http/upstream_connection.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <memory>
#include <optional>
#include <string_view>
#include <utility>

namespace dialhook::fuzz {

/// How one exchange ended.
struct Outcome
{
    std::optional<net::FailureKind> failure;
    net::Response response;

    /// A head that is wrong and has no end is refused, or waited for until it is cut; both are the web server's
    /// failure. That a length is wrong is noticed only where what came after the end came together with it.
    bool operator==(const Outcome& other) const;
};

/// One event loop with a connection of the real client on it, and the web server's end of it in the fuzzer's hands.
class ClientConnection
{
public:
    ClientConnection();
    ~ClientConnection();
    ClientConnection(const ClientConnection&) = delete;
    ClientConnection& operator=(const ClientConnection&) = delete;

    /// Starts a coroutine on its loop.
    void spawn(net::Awaitable<void> coroutine)
    {
        net::asio::co_spawn(context_, std::move(coroutine), net::asio::detached);
    }

    /// One request. Whatever comes of it must be sound.
    net::Awaitable<Outcome> ask();

    /// Takes it from rest as the client does for a request. False: that one gets another connection.
    bool take();

    net::UpstreamConnection& connection() { return *connection_; }
    net::Executor executor() { return context_.get_executor(); }

    /// The web server sends `bytes`, of which the event loop has yet to tell. False: nobody takes them.
    bool send(std::string_view bytes) const { return pair_.send(bytes); }

    /// The web server has sent all.
    void end() const { pair_.end(); }

    /// The event loop tells of all that has happened.
    void turn();

private:
    net::asio::io_context context_{1};
    net::Poller poller_{context_};
    net::TimerWheel wheel_{context_};
    const net::Target target_;
    std::shared_ptr<net::PooledOrigin> origin_;
    SocketPair pair_;
    std::shared_ptr<net::UpstreamConnection> connection_;
};

} // namespace dialhook::fuzz
