#pragma once

#include "net/loop/asio.hpp"

#include <functional>
#include <list>
#include <memory>
#include <string>
#include <string_view>

namespace dialhook::net {

/// A connection as a scripted NATS server has it.
class NatsPeer
{
public:
    struct Published
    {
        std::string subject;
        std::string inbox;
        std::string headers;
        std::string body;
    };

    explicit NatsPeer(TcpSocket socket)
        : socket_(std::move(socket))
    {
    }

    Awaitable<void> say(std::string text);

    /// The next line without its end; empty if the client has closed.
    Awaitable<std::string> line();

    /// INFO, then what the client logs in with until its PING. Returns its CONNECT.
    Awaitable<std::string> greet(std::string info = R"({"version":"2.9.10","headers":true,"max_payload":100000})");

    /// The same with the PONG that lets it in.
    Awaitable<void> let_in();

    Awaitable<Published> publication();

    /// As JetStream, `seq` and all.
    Awaitable<void> acknowledge(Published published, int sequence, bool is_duplicate = false);
    Awaitable<void> answer(std::string inbox, std::string payload);

    void close();

private:
    Awaitable<bool> read_some();
    Awaitable<std::string> bytes(std::size_t size);

    TcpSocket socket_;
    std::string read_;
};

/// A NATS server on the loopback network: each connection is what one script says, in order; those for which there is
/// none are held open without a word.
class NatsServer
{
public:
    using Script = std::function<Awaitable<void>(NatsPeer&)>;

    explicit NatsServer(asio::io_context& context);

    NatsServer& then(Script script);
    std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
    std::string name() const { return "127.0.0.1:" + std::to_string(port()); }
    std::size_t connections() const { return peers_.size(); }

    /// Nobody gets through to it any more.
    void stop();

private:
    Awaitable<void> serve();

    asio::basic_socket_acceptor<asio::ip::tcp, Executor> acceptor_;
    std::list<Script> scripts_; ///< all that were set: a coroutine refers to its own
    std::list<Script>::iterator next_ = scripts_.end();
    std::list<NatsPeer> peers_;
};

} // namespace dialhook::net
