#pragma once

#include "net/loop/event.hpp"
#include "net/transport/read_buffer.hpp"
#include "net/transport/stream_socket.hpp"
#include "net/transport/tls_context.hpp"
#include "net/transport/transport.hpp"

#include <string>

namespace dialhook::net {

/// TLS over TCP. OpenSSL reads the socket itself, through a BIO (BIO_meth_new(3)), so that an idle or hanging
/// connection holds no buffers. Its output is gathered before it is sent: the end of the handshake goes out with the
/// first request.
class TlsTransport final : public Transport, private StreamSocket::User
{
public:
    /// Takes `socket` from Asio's reactor.
    TlsTransport(Poller& poller, TcpSocket socket, TlsConnection tls);
    ~TlsTransport() override;

    bool is_open() const { return socket_.is_open(); }
    SSL* native() const { return tls_.get(); }

    /// Returns how many bytes wait to be sent.
    std::size_t unsent() const { return unsent_.size(); }

    /// Does the handshake. Once, before `start`. Errors of OpenSSL are in Asio's category for them.
    Awaitable<error_code> handshake();

    void start(const std::shared_ptr<Transport::User>& user) override;
    std::size_t write_at_once(std::string_view bytes) override;
    Awaitable<std::size_t> write_some(std::string_view bytes) override;
    void push() override { flush(); }
    void acknowledge() override { socket_.acknowledge(); }
    bool is_silent(bool surely) override;
    void close(Ending ending) override;

private:
    friend struct SocketBio;

    void ready(bool to_read, bool to_write) override;
    void read(Transport::User& user);
    std::size_t encrypt(std::string_view bytes);
    void flush();
    void begin_turn() { left_in_turn_ = max_in_a_turn; }
    void end_turn();

    /// Returns why OpenSSL gave `result`: the error that ended the connection, or none if it waits for the web server.
    error_code trouble(int result);

    StreamSocket socket_;
    TlsConnection tls_;
    error_code socket_error_;
    std::size_t left_in_turn_ = 0; ///< bytes that OpenSSL may still read
    std::string unsent_;           ///< what OpenSSL wrote
    std::size_t encrypted_ = 0;    ///< bytes of the request that are in it
    std::weak_ptr<Transport::User> user_;
    ReadBuffer buffer_;
    Event changed_;
};

} // namespace dialhook::net
