#pragma once

#include "dispatch/snapshot.hpp"
#include "metrics/exposition.hpp"
#include "spool/spool.hpp"

#include <chrono>

namespace dialhook::status {

/// Appends the metrics of call events; docs/monitoring.md describes them. What the URLs of a notification have in
/// common is one series. Pure.
void append_events(Exposition& out, const spool::Counts& counts, const dispatch::Snapshot& snapshot,
                   std::chrono::system_clock::time_point now);

} // namespace dialhook::status
