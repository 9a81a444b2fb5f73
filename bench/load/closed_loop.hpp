#pragma once

#include "latency.hpp"
#include "protocol.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace dialhook::bench {

using Clock = std::chrono::steady_clock;

/// How many calls are under way at once.
struct Shape
{
    std::size_t connections = 1;
    std::size_t calls_each = 1; ///< more than one: pipelined
};

/// What one run saw.
struct Outcome
{
    Latency
        latency; ///< of every call answered, from just before its request is written to just after its answer is read
    std::uint64_t errors = 0;              ///< answers that were not the right one for their call
    std::vector<std::string> first_errors; ///< a few of them, to look at
    std::string broken_off;             ///< why the run ended early: the peer closed, or fell silent; empty: it did not
    std::chrono::nanoseconds elapsed{}; ///< from the first request to the last answer
    std::chrono::nanoseconds own_cpu{}; ///< that the load generator used itself meanwhile
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

    /// Starts calls for `duration`, then waits until the last one is answered: before and after, the system under test
    /// has nothing to do.
    Outcome run(std::chrono::nanoseconds duration);

private:
    void keep_busy(Clock::time_point end, Outcome& outcome);

    const Protocol& protocol_;
    int epoll_;
    std::vector<std::unique_ptr<Connection>> connections_;
    std::uint64_t next_call_ = 1;
};

} // namespace dialhook::bench
