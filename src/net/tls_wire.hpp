#pragma once

#include "net/read_buffer.hpp"
#include "net/wire.hpp"

#include <boost/asio/ssl/stream.hpp>

namespace dialhook::net {

/// TLS over TCP, after its handshake: Asio's, and on Asio's reactor. A read is armed from the start to the end.
class TlsWire final : public Wire
{
public:
    /// `native` becomes this object's.
    TlsWire(TcpSocket socket, SSL* native);
    ~TlsWire() override;

    Awaitable<error_code> handshake();

    void start(const std::shared_ptr<User>& user) override { receive(user); }
    std::size_t write_at_once([[maybe_unused]] std::string_view bytes) override { return 0; }
    Awaitable<std::size_t> write_some(std::string_view bytes) override;
    bool is_silent() override;
    void close() override;

private:
    void receive(std::shared_ptr<User> user);

    asio::ssl::stream<TcpSocket> stream_;
    ReadBuffer buffer_;
};

} // namespace dialhook::net
