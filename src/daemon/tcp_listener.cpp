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

/// Returns what helps against `error`.
std::string remedy_of(int error)
{
    switch (error) {
    case EADDRINUSE:
        return "; another program has this port, choose another one";
    case EADDRNOTAVAIL:
        return "; no interface of this machine has this address, name one that `ip addr` shows, or 0.0.0.0 for all";
    case EACCES:
        return "; a port below 1024 takes the capability CAP_NET_BIND_SERVICE, choose one from 1024 on";
    default:
        return {};
    }
}

[[noreturn]] void fail(int socket, const boost::asio::ip::tcp::endpoint& endpoint, std::string_view key)
{
    const int error = errno;
    if (socket >= 0)
        ::close(socket);
    throw std::runtime_error(std::string(key) + ": cannot listen on " + endpoint.address().to_string() + " port " +
                             std::to_string(endpoint.port()) + ": " + std::generic_category().message(error) +
                             remedy_of(error));
}

} // namespace

TcpListener listen_on(const boost::asio::ip::tcp::endpoint& endpoint, std::string_view key)
{
    const int socket = ::socket(endpoint.protocol().family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (socket < 0)
        fail(socket, endpoint, key);
    const int on = 1;
    ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on); // a restart finds connections that linger
    if (::bind(socket, endpoint.data(), static_cast<socklen_t>(endpoint.size())) != 0 ||
        ::listen(socket, queue_length) != 0)
        fail(socket, endpoint, key);
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
