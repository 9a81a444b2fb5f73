#pragma once

#include "api/control/control_server.hpp"
#include "api/http/sources.hpp"
#include "dispatch/snapshot.hpp"
#include "spool/spool.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What dialhookctl shows, as JSON; docs/control-socket.md describes it.
namespace dialhook::control {

struct LastReload
{
    ReloadOutcome outcome;
    std::chrono::system_clock::time_point at;
};

/// What `status` is about.
struct DaemonStatus
{
    const dispatch::Snapshot& snapshot;
    const status::ConfigurationInForce& in_force;
    const std::optional<LastReload>& last_reload; ///< none since the start
    std::optional<std::string> last_good;         ///< file that keeps the last good configuration
    std::string_view socket;
    bool draining;
    std::chrono::steady_clock::time_point started_at;
    std::uint64_t log_dropped;
    const spool::Counts& spool;
    unsigned threads; ///< that decide calls
    std::vector<status::WorkerSource> workers;
};

std::string status_json(const DaemonStatus& daemon);
/// Returns the webhooks whose names match `pattern` (base/name_pattern.hpp), or all.
std::string webhooks_json(const dispatch::Snapshot& snapshot, const std::optional<std::string>& pattern);

/// Explains what becomes of a call to `did`. Returns nullopt if there is no dialplan for it.
std::optional<std::string> plan_json(const dispatch::Snapshot& snapshot, const std::string& did);

} // namespace dialhook::control
