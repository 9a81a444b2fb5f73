#include "net/tls_wire.hpp"

#include <sys/socket.h>

#include <cerrno>
#include <utility>

namespace dialhook::net {

TlsWire::TlsWire(TcpSocket socket, SSL* native)
    : stream_(std::move(socket), native)
{
}

TlsWire::~TlsWire()
{
    // Without this OpenSSL takes the missing close_notify for a sign that the session must not be resumed.
    SSL_set_shutdown(stream_.native_handle(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
}

Awaitable<error_code> TlsWire::handshake()
{
    const auto [error] = co_await stream_.async_handshake(asio::ssl::stream_base::client, as_result);
    co_return error;
}

/// A handler and no coroutine: thousands of calls may hang here, and a coroutine's frames are 700 bytes for each.
void TlsWire::receive(std::shared_ptr<User> user)
{
    buffer_.front() = nothing_was_read;
    const auto room = buffer_.room();
    stream_.async_read_some(asio::buffer(room.data(), room.size()),
                            [this, user = std::move(user)](error_code error, std::size_t size) {
                                User& told = *user;
                                if (error) {
                                    told.ended(error);
                                    return told.proceed();
                                }
                                told.received(buffer_.read(size));
                                buffer_.fit(size);
                                if (stream_.next_layer().is_open())
                                    receive(user); // first: `is_silent` sees what it finds at once
                                told.proceed();
                            });
}

Awaitable<std::size_t> TlsWire::write_some(std::string_view bytes)
{
    const auto [error, written] = co_await stream_.async_write_some(asio::buffer(bytes), as_result);
    co_return error ? 0 : written;
}

/// The event loop may not have told yet what the kernel knows already, and bytes of nobody's would pass for the reply
/// to the next request: worth a system call. What stood right behind the last reply is in the buffer by now, and the
/// loop has yet to tell of it, when a call that waited for the connection comes first, or the next hop of a redirect.
bool TlsWire::is_silent()
{
    char byte = 0;
    const auto size = ::recv(stream_.next_layer().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK) && buffer_.front() == nothing_was_read;
}

void TlsWire::close()
{
    error_code ignored;
    stream_.next_layer().close(ignored);
}

} // namespace dialhook::net
