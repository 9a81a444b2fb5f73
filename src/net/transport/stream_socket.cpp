#include "net/transport/stream_socket.hpp"

#include <boost/asio/error.hpp>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace dialhook::net {
namespace {

bool would_block(int error)
{
    return error == EAGAIN || error == EWOULDBLOCK;
}

} // namespace

StreamSocket::StreamSocket(Poller& poller, int descriptor, User& user)
    : poller_(poller)
    , user_(user)
    , descriptor_(descriptor)
{
    int yes = 1;
    if (::ioctl(descriptor, FIONBIO, &yes) != 0 || poller_.add(descriptor, *this))
        ::close(std::exchange(descriptor_, -1));
}

void StreamSocket::on_ready(std::uint32_t events)
{
    is_ending_ |= (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
    has_hung_up_ |= (events & EPOLLHUP) != 0;
    const bool to_read = (events & ~std::uint32_t{EPOLLOUT}) != 0;
    const bool to_write = awaits_room_ && (events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) != 0;
    may_be_read_ |= to_read;
    if (to_write) {
        awaits_room_ = false;
        poller_.also_room(descriptor_, false); // on failure it gets one spurious report
    }
    if (to_read || to_write)
        user_.ready(to_read, to_write);
}

bool StreamSocket::is_silent(bool surely) const
{
    if (may_be_read_ || !is_open())
        return false;
    if (!surely && poller_.is_dispatching())
        return true;
    char byte = 0;
    return ::recv(descriptor_, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && would_block(errno);
}

std::size_t StreamSocket::read(std::span<char> into, error_code& error)
{
    ssize_t size = 0;
    do
        size = ::recv(descriptor_, into.data(), into.size(), 0);
    while (size < 0 && errno == EINTR);
    if (size > 0) {
        // What did not fill the buffer was all there was (epoll(7), question 9), except for an end after it.
        may_be_read_ = is_ending_ || static_cast<std::size_t>(size) == into.size();
        return static_cast<std::size_t>(size);
    }
    may_be_read_ = false;
    if (size == 0)
        error = asio::error::eof;
    else if (!would_block(errno))
        error = {errno, boost::system::system_category()};
    return 0;
}

std::size_t StreamSocket::write(std::string_view bytes, error_code& error)
{
    const ssize_t size = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (size >= 0)
        return static_cast<std::size_t>(size);
    if (!would_block(errno) && errno != EINTR)
        error = {errno, boost::system::system_category()};
    return 0;
}

void StreamSocket::await_room()
{
    if (is_open() && !std::exchange(awaits_room_, true))
        poller_.also_room(descriptor_, true);
}

void StreamSocket::acknowledge()
{
    if (!is_open())
        return;
    const int yes = 1;
    ::setsockopt(descriptor_, IPPROTO_TCP, TCP_QUICKACK, &yes, sizeof yes);
}

void StreamSocket::stop_reading()
{
    ::shutdown(descriptor_, SHUT_RD);
}

void StreamSocket::close(Ending ending)
{
    if (!is_open())
        return;
    if (ending == Ending::reset) {
        poller_.remove_and_reset(*this, descriptor_);
    } else {
        poller_.remove(*this, descriptor_);
        ::close(descriptor_);
    }
    descriptor_ = -1;
    may_be_read_ = false;
}

} // namespace dialhook::net
