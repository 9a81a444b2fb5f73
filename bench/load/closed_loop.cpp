#include "closed_loop.hpp"

#include "connection.hpp"

#include <sys/epoll.h>
#include <system_error>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <ctime>
#include <stdexcept>

namespace dialhook::bench {
namespace {

constexpr std::chrono::milliseconds silence_allowed{30'000}; // longer than any time-out of a webhook here

std::chrono::nanoseconds own_cpu()
{
    timespec used{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return std::chrono::seconds{used.tv_sec} + std::chrono::nanoseconds{used.tv_nsec};
}

} // namespace

ClosedLoop::ClosedLoop(const Protocol& protocol, const std::filesystem::path& socket, Shape shape)
    : protocol_{protocol}
    , epoll_{::epoll_create1(EPOLL_CLOEXEC)}
{
    if (epoll_ < 0)
        throw std::system_error{errno, std::generic_category(), "epoll_create1"};
    if (shape.calls_each > 1 && !protocol_.pipelines())
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

ClosedLoop::~ClosedLoop()
{
    ::close(epoll_);
}

Outcome ClosedLoop::run(Limit limit)
{
    Outcome outcome;
    const auto cpu_before = own_cpu();
    const auto begin = Clock::now();
    try {
        keep_busy(limit, begin, outcome);
    } catch (const std::runtime_error& error) {
        outcome.broken_off = error.what();
    }
    outcome.elapsed = Clock::now() - begin;
    outcome.own_cpu = own_cpu() - cpu_before;
    return outcome;
}

void ClosedLoop::keep_busy(const Limit& limit, Clock::time_point begin, Outcome& outcome)
{
    const auto end = begin + limit.duration;
    std::uint64_t left = limit.calls;
    std::size_t under_way = 0;
    const auto fill = [&](Connection& connection, Clock::time_point now) {
        for (; now < end && left > 0 && connection.has_free_slot(); --left)
            connection.start(Call{next_call_++}, now);
        connection.flush();
    };
    for (auto& connection : connections_) {
        fill(*connection, Clock::now());
        under_way += connection->under_way();
    }

    while (under_way > 0) {
        std::array<epoll_event, 64> events;
        const int ready = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), silence_allowed.count());
        if (ready < 0 && errno != EINTR)
            throw std::system_error{errno, std::generic_category(), "epoll_wait"};
        if (ready == 0)
            throw std::runtime_error{std::to_string(under_way) + " calls without an answer for half a minute"};
        for (int i = 0; i < ready; ++i) {
            auto& connection = *static_cast<Connection*>(events[static_cast<std::size_t>(i)].data.ptr);
            under_way -= connection.under_way();
            connection.receive(outcome);
            fill(connection, Clock::now());
            under_way += connection.under_way();
        }
    }
}

} // namespace dialhook::bench
