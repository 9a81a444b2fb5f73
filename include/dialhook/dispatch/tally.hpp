#pragma once

#include <dialhook/call/decision.hpp>

#include <array>
#include <atomic>
#include <cstdint>

namespace dialhook::dispatch {

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

/// What one thread has done since the daemon started.
struct Tally
{
    Counter successes;
    std::array<Counter, reason_count> failures;
    Counter without_webhook; ///< calls that a dialplan without a webhook routed
    Counter lost;            ///< requests that no call waited for and that did not get through
    Counter abandoned;       ///< firings whose engine vanished before the decision
    Counter in_flight;
    Counter engine_connections;

    void count(const Decision& decision)
    {
        if (const auto reason = decision.reason())
            failures[static_cast<std::size_t>(*reason)].add();
        else
            successes.add();
    }
};

} // namespace dialhook::dispatch
