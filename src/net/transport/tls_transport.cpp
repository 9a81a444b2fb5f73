#include "net/transport/tls_transport.hpp"

#include "net/loop/released.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/sslerr.h>

#include <algorithm>
#include <new>
#include <utility>

namespace dialhook::net {
namespace {

/// Output backlog at which OpenSSL has to wait until the web server has read some of it.
constexpr std::size_t max_unsent = 64 * 1024;

} // namespace

/// BIO callbacks by which OpenSSL reads and writes the socket.
struct SocketBio
{
    static TlsTransport& transport_of(BIO* bio) { return *static_cast<TlsTransport*>(BIO_get_data(bio)); }

    static int read(BIO* bio, char* into, int size)
    {
        BIO_clear_retry_flags(bio);
        TlsTransport& transport = transport_of(bio);
        const std::size_t wanted = std::min(static_cast<std::size_t>(size), transport.left_in_turn_);
        const std::size_t read = wanted == 0 ? 0 : transport.socket_.read({into, wanted}, transport.socket_error_);
        transport.left_in_turn_ -= read;
        if (read != 0)
            return static_cast<int>(read);
        if (transport.socket_error_)
            return transport.socket_error_ == asio::error::eof ? 0 : -1;
        BIO_set_retry_read(bio);
        return -1;
    }

    static int write(BIO* bio, const char* bytes, int size)
    {
        BIO_clear_retry_flags(bio);
        std::string& unsent = transport_of(bio).unsent_;
        if (unsent.size() > max_unsent) { // a web server that keeps asking for new keys and reads none
            BIO_set_retry_write(bio);
            return -1;
        }
        unsent.append(bytes, static_cast<std::size_t>(size));
        return size;
    }

    static long control(BIO* bio, int command, [[maybe_unused]] long number, [[maybe_unused]] void* argument)
    {
        if (command == BIO_CTRL_EOF)
            return transport_of(bio).socket_error_ == asio::error::eof ? 1 : 0;
        return command == BIO_CTRL_FLUSH ? 1 : 0;
    }

    static BIO_METHOD* method()
    {
        static BIO_METHOD* const made = [] {
            BIO_METHOD* const bio = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "dialhook socket");
            BIO_meth_set_read(bio, read);
            BIO_meth_set_write(bio, write);
            BIO_meth_set_ctrl(bio, control);
            return bio;
        }();
        return made;
    }
};

TlsTransport::TlsTransport(Poller& poller, TcpSocket socket, TlsConnection tls)
    : socket_(poller, released(std::move(socket)), *this)
    , tls_(std::move(tls))
{
    BIO* const bio = BIO_new(SocketBio::method());
    if (bio == nullptr)
        throw std::bad_alloc();
    BIO_set_data(bio, this);
    BIO_set_init(bio, 1);
    SSL_set_bio(tls_.get(), bio, bio);
}

TlsTransport::~TlsTransport()
{
    // Without this OpenSSL takes the missing close_notify for a sign that the session must not be resumed.
    SSL_set_shutdown(tls_.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
}

Awaitable<error_code> TlsTransport::handshake()
{
    while (is_open()) {
        begin_turn();
        ERR_clear_error();
        const int result = SSL_is_server(tls_.get()) == 1 ? SSL_accept(tls_.get()) : SSL_connect(tls_.get());
        if (result == 1)
            co_return error_code();
        const error_code error = trouble(result);
        end_turn();
        if (error)
            co_return error;
        co_await changed_.wait();
    }
    co_return asio::error::operation_aborted;
}

void TlsTransport::start(const std::shared_ptr<Transport::User>& user)
{
    user_ = user;
    read(*user); // what came with the end of the handshake
}

std::size_t TlsTransport::write_at_once(std::string_view bytes)
{
    encrypted_ = encrypt(bytes);
    flush();
    return unsent_.empty() ? std::exchange(encrypted_, 0) : 0;
}

Awaitable<std::size_t> TlsTransport::write_some(std::string_view bytes)
{
    while (is_open()) {
        if (encrypted_ == 0 && unsent_.empty()) {
            encrypted_ = encrypt(bytes);
            flush();
        }
        if (socket_error_)
            break;
        if (encrypted_ != 0 && unsent_.empty())
            co_return std::exchange(encrypted_, 0);
        co_await changed_.wait();
    }
    co_return 0;
}

/// Returns how many of `bytes` are encrypted and ready to be sent. 0 if OpenSSL has to read first, or failed; then the
/// read decides.
std::size_t TlsTransport::encrypt(std::string_view bytes)
{
    ERR_clear_error();
    std::size_t written = 0;
    SSL_write_ex(tls_.get(), bytes.data(), bytes.size(), &written);
    return written;
}

void TlsTransport::flush()
{
    if (unsent_.empty() || !is_open())
        return;
    unsent_.erase(0, socket_.write(unsent_, socket_error_));
    if (unsent_.empty())
        unsent_.shrink_to_fit(); // the connection may be idle for long
    else if (!socket_error_)
        socket_.await_room();
}

bool TlsTransport::is_silent(bool surely)
{
    return SSL_has_pending(tls_.get()) == 0 && socket_.is_silent(surely);
}

void TlsTransport::close(Ending ending)
{
    socket_.close(ending);
    changed_.set();
}

void TlsTransport::ready([[maybe_unused]] bool to_read, bool to_write)
{
    const auto user = user_.lock();
    if (to_write)
        flush();
    changed_.set();
    if (user == nullptr)
        return; // the handshake is under way
    read(*user);
    user->proceed();
}

/// What OpenSSL wrote meanwhile, such as an answer to new keys, goes out, and what it left is read in the next turn.
void TlsTransport::end_turn()
{
    flush();
    if (socket_.may_be_read() && unsent_.size() <= max_unsent)
        socket_.read_on_later();
}

void TlsTransport::read(Transport::User& user)
{
    begin_turn();
    while (is_open() && (socket_.may_be_read() || SSL_has_pending(tls_.get()) != 0)) {
        ERR_clear_error();
        std::size_t size = 0;
        const auto room = buffer_.room();
        const int result = SSL_read_ex(tls_.get(), room.data(), room.size(), &size);
        if (result > 0) {
            user.received(buffer_.read(size));
            buffer_.fit(size);
        } else if (const error_code error = trouble(result)) {
            user.ended(error);
        } else {
            break;
        }
    }
    end_turn();
}

error_code TlsTransport::trouble(int result)
{
    switch (SSL_get_error(tls_.get(), result)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
        return {};
    case SSL_ERROR_ZERO_RETURN:
        return asio::error::eof;
    default:
        break;
    }
    const unsigned long code = ERR_get_error();
    if (socket_error_ == asio::error::eof || ERR_GET_REASON(code) == SSL_R_UNEXPECTED_EOF_WHILE_READING)
        return asio::ssl::error::stream_truncated; // no close_notify
    if (socket_error_)
        return socket_error_;
    TlsSession::forget(tls_.get());
    return {static_cast<int>(code), asio::error::get_ssl_category()};
}

} // namespace dialhook::net
