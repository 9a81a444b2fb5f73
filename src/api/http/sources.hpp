#pragma once

#include "api/http/removed_webhooks.hpp"
#include "decisions/ring.hpp"
#include "dispatch/snapshot.hpp"
#include "dispatch/thread_metrics.hpp"
#include "metrics/counter.hpp"
#include "spool/spool.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace dialhook::status {

/// What one worker lets others read.
struct WorkerSource
{
    const dispatch::ThreadMetrics* metrics;
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

/// Which configuration is in force, and what was wrong with the newest one if it is not that.
struct ConfigurationInForce
{
    std::string file;                            ///< the main file, as it was given on the command line
    std::chrono::system_clock::time_point since; ///< when it was applied first, maybe by an earlier daemon
    bool stale = false;                          ///< the start found `file` faulty, and the last good one serves

    /// When `file` was found faulty for the last time, and how: none since it was applied.
    std::optional<std::chrono::system_clock::time_point> refused_at;
    std::vector<std::string> faults;
};

/// The daemon's state at one moment, as reports show it.
struct Sources
{
    std::vector<WorkerSource> workers;
    std::function<spool::Counts()> spool = [] { return spool::Counts(); }; ///< any thread may ask
    std::shared_ptr<const dispatch::Snapshot> snapshot;
    RemovedWebhooks removed;
    ReloadCounts reloads;
    ConfigurationInForce configuration;
    bool draining = false;
    std::chrono::system_clock::time_point started_at;
};

} // namespace dialhook::status
