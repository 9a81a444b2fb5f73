#include "connections.hpp"

#include <sys/epoll.h>
#include <system_error>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <stdexcept>

namespace dialhook::bench {

Connections::Connections(const Protocol& protocol, const std::filesystem::path& socket, Shape shape)
    : epoll_{::epoll_create1(EPOLL_CLOEXEC)}
{
    if (epoll_ < 0)
        throw std::system_error{errno, std::generic_category(), "epoll_create1"};
    if (shape.calls_each > 1 && !protocol.pipelines())
        throw std::invalid_argument{"this protocol takes one call at a time on each connection"};
    for (std::size_t i = 0; i < shape.connections; ++i) {
        auto& connection = *connections_.emplace_back(std::make_unique<Connection>(protocol, socket, shape.calls_each));
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.ptr = &connection;
        if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, connection.descriptor(), &event) != 0)
            throw std::system_error{errno, std::generic_category(), "epoll_ctl"};
    }
}

Connections::~Connections()
{
    ::close(epoll_);
}

std::span<Connection* const> Connections::readable(Clock::time_point until)
{
    const auto left = std::max<std::chrono::nanoseconds>(until - Clock::now(), {});
    const auto seconds = std::chrono::floor<std::chrono::seconds>(left);
    const timespec timeout{seconds.count(), (left - seconds).count()};
    std::array<epoll_event, std::tuple_size_v<decltype(readable_)>> events;
    const int ready = ::epoll_pwait2(epoll_, events.data(), static_cast<int>(events.size()), &timeout, nullptr);
    if (ready < 0 && errno != EINTR)
        throw std::system_error{errno, std::generic_category(), "epoll_pwait2"};
    const auto count = static_cast<std::size_t>(std::max(ready, 0));
    for (std::size_t i = 0; i < count; ++i)
        readable_[i] = static_cast<Connection*>(events[i].data.ptr);
    return std::span{readable_}.first(count);
}

} // namespace dialhook::bench
