// dialhook-floor - the same traffic and no work: what comes from a client of a Unix socket goes to the web server on a
// kept connection of its own, and back, as it is. What this costs, no program that asks a web server can save.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <system_error>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <deque>
#include <iostream>
#include <stdexcept>
#include <string_view>

namespace {

/// One of the two sockets of a client; the other one is its peer.
struct Side
{
    int socket; ///< closed: -1
    Side* peer = nullptr;
};

std::deque<Side> sides; // kept to the end: an event may name one that was closed in the same turn

int checked(int result, const char* what)
{
    if (result < 0)
        throw std::system_error{errno, std::generic_category(), what};
    return result;
}

int listen_on(std::string_view path)
{
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path)
        throw std::invalid_argument{"the path of the socket is too long"};
    std::memcpy(address.sun_path, path.data(), path.size());
    const int listener = checked(::socket(AF_UNIX, SOCK_STREAM, 0), "socket");
    checked(::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address), "bind");
    checked(::listen(listener, SOMAXCONN), "listen");
    return listener;
}

int connect_to(std::uint16_t port)
{
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    const int socket = checked(::socket(AF_INET, SOCK_STREAM, 0), "socket");
    const int on = 1;
    checked(::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on), "setsockopt");
    checked(::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address), "connect");
    return socket;
}

void watch(int epoll, int socket, Side* side)
{
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = side;
    checked(::epoll_ctl(epoll, EPOLL_CTL_ADD, socket, &event), "epoll_ctl");
}

void accept_client(int epoll, int listener, std::uint16_t port)
{
    auto& client = sides.emplace_back(Side{checked(::accept(listener, nullptr, nullptr), "accept")});
    auto& web = sides.emplace_back(Side{connect_to(port), &client});
    client.peer = &web;
    watch(epoll, client.socket, &client);
    watch(epoll, web.socket, &web);
}

/// Requests and responses of the bench are small: they come whole and find room in the socket's buffer.
void forward(Side& from)
{
    std::array<char, 16'384> bytes;
    const auto got = ::recv(from.socket, bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (got < 0 && errno == EAGAIN)
        return;
    if (got <= 0) {
        ::shutdown(from.peer->socket, SHUT_RDWR); // comes back as an event of its own, and ends here too
        ::close(from.socket);
        from.socket = -1;
        return;
    }
    if (::send(from.peer->socket, bytes.data(), static_cast<std::size_t>(got), MSG_NOSIGNAL) != got)
        throw std::runtime_error{"a peer does not take its bytes"};
}

} // namespace

int main(int argc, char** argv)
{
    std::uint16_t port = 0;
    if (argc != 3 || std::from_chars(argv[2], argv[2] + std::strlen(argv[2]), port).ec != std::errc{}) {
        std::cerr << "usage: dialhook-floor SOCKET PORT\n";
        return 2;
    }
    try {
        const int epoll = checked(::epoll_create1(0), "epoll_create1");
        const int listener = listen_on(argv[1]);
        watch(epoll, listener, nullptr);
        while (true) {
            std::array<epoll_event, 64> events;
            const int ready = ::epoll_wait(epoll, events.data(), static_cast<int>(events.size()), -1);
            for (int i = 0; i < ready; ++i) {
                if (auto* const side = static_cast<Side*>(events[static_cast<std::size_t>(i)].data.ptr))
                    forward(*side);
                else
                    accept_client(epoll, listener, port);
            }
        }
    } catch (const std::exception& error) {
        std::cerr << "dialhook-floor: " << error.what() << '\n';
        return 1;
    }
}
