#pragma once

#include "net/loop/asio.hpp"

#include <sys/socket.h>
#include <system_error>
#include <unistd.h>

#include <array>
#include <string_view>

namespace dialhook::fuzz {

/// The network between the daemon's client code and a peer that says whatever the fuzzer wants: a pair of sockets, no
/// port and no device.
class SocketPair
{
public:
    explicit SocketPair(net::asio::io_context& context)
        : ours_(context)
    {
        std::array<int, 2> ends{};
        if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()) != 0)
            throw std::system_error(errno, std::generic_category(), "no pair of sockets");
        ours_.assign(net::asio::ip::tcp::v4(), ends[0]);
        theirs_ = ends[1];
    }
    ~SocketPair() { ::close(theirs_); }
    SocketPair(const SocketPair&) = delete;
    SocketPair& operator=(const SocketPair&) = delete;

    net::TcpSocket& ours() { return ours_; }

    /// The peer sends `bytes`. False: nobody takes them any more, or they are more than fits.
    bool send(std::string_view bytes) const
    {
        return ::send(theirs_, bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size());
    }

    /// The peer has sent all.
    void end() const { ::shutdown(theirs_, SHUT_WR); }

private:
    net::TcpSocket ours_;
    int theirs_ = -1;
};

} // namespace dialhook::fuzz
