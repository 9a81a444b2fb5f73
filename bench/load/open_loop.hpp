#pragma once

#include "connections.hpp"
#include "loop.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <random>

namespace dialhook::bench {

/// Calls that come when they want, whatever became of those before (Poisson arrivals): what callers do. A call's time
/// counts from the moment it was to start. So one that has to wait, since the system under test holds all connections
/// or the load generator itself was late, counts as slow, and no slow answer hides those behind it ("coordinated
/// omission").
class OpenLoop final : public Loop
{
public:
    /// `rate`: calls a second, on average.
    OpenLoop(const Protocol& protocol, const std::filesystem::path& socket, Shape shape, double rate);

    void run(const Limit& limit, Outcome& outcome) override;

private:
    std::chrono::nanoseconds gap();
    Connection* free_connection();

    Connections connections_;
    std::mt19937_64 random_; // always the same seed: every system meets the same arrivals
    std::exponential_distribution<double> seconds_between_;
    std::size_t turn_ = 0; // of the connection that is tried first
    std::uint64_t next_call_ = 1;
};

} // namespace dialhook::bench
