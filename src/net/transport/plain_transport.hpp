#pragma once

#include "net/loop/event.hpp"
#include "net/transport/read_buffer.hpp"
#include "net/transport/stream_socket.hpp"
#include "net/transport/transport.hpp"

namespace dialhook::net {

/// Plain TCP.
class PlainTransport final : public Transport, private StreamSocket::User
{
public:
    /// Takes `socket` from Asio's reactor.
    PlainTransport(Poller& poller, TcpSocket socket);

    bool is_open() const { return socket_.is_open(); }

    void start(const std::shared_ptr<Transport::User>& user) override { user_ = user; }
    std::size_t write_at_once(std::string_view bytes) override;
    Awaitable<std::size_t> write_some(std::string_view bytes) override;
    void push() override {}
    void acknowledge() override { socket_.acknowledge(); }
    bool is_silent(bool surely) override { return socket_.is_silent(surely); }
    void close(Ending ending) override;

private:
    void ready(bool to_read, bool to_write) override;

    std::weak_ptr<Transport::User> user_;
    ReadBuffer buffer_;
    Event room_;
    StreamSocket socket_;
};

} // namespace dialhook::net
