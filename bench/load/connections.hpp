#pragma once

#include "connection.hpp"

#include <array>
#include <filesystem>
#include <memory>
#include <span>
#include <vector>

namespace dialhook::bench {

/// How many calls are under way at once, at most.
struct Shape
{
    std::size_t connections = 1;
    std::size_t calls_each = 1; ///< more than one: pipelined
};

/// All streams to the system under test, and which of them have something to read. One thread, one epoll.
class Connections
{
public:
    Connections(const Protocol& protocol, const std::filesystem::path& socket, Shape shape);
    ~Connections();

    Connections(const Connections&) = delete;
    Connections& operator=(const Connections&) = delete;

    std::span<const std::unique_ptr<Connection>> all() const { return connections_; }

    /// Waits until some can be read, but not longer than until `until`: then there are none. Valid until the next call.
    std::span<Connection* const> readable(Clock::time_point until);

private:
    int epoll_;
    std::vector<std::unique_ptr<Connection>> connections_;
    std::array<Connection*, 64> readable_{};
};

} // namespace dialhook::bench
