#pragma once

#include <dialhook/dispatch/decision_ring.hpp>
#include <dialhook/dispatch/snapshot.hpp>
#include <dialhook/dispatch/tally.hpp>
#include <dialhook/net/counter.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <vector>

namespace dialhook::status {

/// What one worker lets others read.
struct WorkerSource
{
    const dispatch::Tally* tally;
    const net::ConnectionCounts* connections;
    const dispatch::DecisionRing* decisions;
};

/// Loads of the configuration: the one at the start has succeeded.
struct ReloadCounts
{
    std::uint64_t applied = 0;
    std::uint64_t refused = 0;
    std::chrono::system_clock::time_point last_success; ///< the start counts
};

/// All that can be told of the daemon at a moment.
struct Sources
{
    std::vector<WorkerSource> workers;
    std::shared_ptr<const dispatch::Snapshot> snapshot;
    ReloadCounts reloads;
    bool draining = false;
};

} // namespace dialhook::status
