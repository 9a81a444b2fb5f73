#include "daemon/tcp_listener.hpp"

#include <sys/socket.h>
#include <system_error>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <string>

namespace dialhook::daemon {
namespace {

/// Asterisk gives up without a word when the queue is full; the kernel takes the least of this and its own limit.
constexpr int queue_length = 4096;

[[noreturn]] void fail(int socket, const boost::asio::ip::tcp::endpoint& endpoint)
{
    const int error = errno;
    if (socket >= 0)
        ::close(socket);
    std::string text = "cannot listen on " + endpoint.address().to_string() + " port " +
                       std::to_string(endpoint.port()) + ": " + std::generic_category().message(error);
    if (error == EADDRINUSE)
        text += "; another program has this port, choose another one";
    throw std::runtime_error(text);
}

} // namespace

TcpListener listen_on(const boost::asio::ip::tcp::endpoint& endpoint)
{
    const int socket = ::socket(endpoint.protocol().family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (socket < 0)
        fail(socket, endpoint);
    const int on = 1;
    ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on); // a restart finds connections that linger
    if (::bind(socket, endpoint.data(), static_cast<socklen_t>(endpoint.size())) != 0 ||
        ::listen(socket, queue_length) != 0)
        fail(socket, endpoint);
    return {endpoint, socket};
}

TcpListener passed_listener(int socket)
{
    boost::asio::ip::tcp::endpoint address;
    auto size = static_cast<socklen_t>(address.capacity());
    if (::getsockname(socket, address.data(), &size) != 0)
        throw std::system_error(errno, std::generic_category(), "the address of a passed socket");
    address.resize(size);
    return {address, socket, true};
}

} // namespace dialhook::daemon
