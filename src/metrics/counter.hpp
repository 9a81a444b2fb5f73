#pragma once

#include <atomic>
#include <cstdint>

namespace dialhook::net {

/// A counter that one thread writes and any thread reads: no lock prefix on the way of a call.
class Counter
{
public:
    void add(std::uint64_t amount = 1) { value_.store(value() + amount, std::memory_order_relaxed); }
    void subtract(std::uint64_t amount = 1) { value_.store(value() - amount, std::memory_order_relaxed); }
    std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

private:
    std::atomic<std::uint64_t> value_{0};
};

/// The connections of one thread to web servers.
struct ConnectionCounts
{
    Counter opened; ///< since the start
    Counter open;   ///< now, the idle ones among them
    Counter idle;
};

} // namespace dialhook::net
