#pragma once

#include "outcome.hpp"
#include "protocol.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

namespace dialhook::bench {

/// How many calls are under way at once.
struct Shape
{
    std::size_t connections = 1;
    std::size_t calls_each = 1; ///< more than one: pipelined
};

class Connection;

/// Keeps a fixed number of calls under way: each answer lets the next call start, as calls queue up at a PBX that is
/// busy all the time. One thread, one epoll.
class ClosedLoop
{
public:
    ClosedLoop(const Protocol& protocol, const std::filesystem::path& socket, Shape shape);
    ~ClosedLoop();

    ClosedLoop(const ClosedLoop&) = delete;
    ClosedLoop& operator=(const ClosedLoop&) = delete;

    /// Starts calls until `limit` is reached, then waits until the last one is answered: before and after, the system
    /// under test has nothing to do.
    Outcome run(Limit limit);

private:
    void keep_busy(const Limit& limit, Clock::time_point begin, Outcome& outcome);

    const Protocol& protocol_;
    int epoll_;
    std::vector<std::unique_ptr<Connection>> connections_;
    std::uint64_t next_call_ = 1;
};

} // namespace dialhook::bench
