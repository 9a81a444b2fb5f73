#pragma once

#include "dispatch/snapshot.hpp"
#include "spool/spool.hpp"

#include <nlohmann/json_fwd.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

/// How call events fare, for reports. Pure.
namespace dialhook::status {

/// Whether rows name URLs: the status page, which anybody may read who can connect to it, names none.
enum class Urls : bool
{
    left_out,
    named
};

/// Returns what is known of each URL of each notification, in the order of the configuration, and then of URLs that the
/// configuration has no more but for which events wait. docs/control-socket.md has the keys.
nlohmann::ordered_json notification_rows(const spool::Counts& counts, const dispatch::Snapshot& snapshot, Urls urls);

/// Returns what is known of webhooks that no call waits for, as far as they were used.
nlohmann::ordered_json later_rows(const spool::Counts& counts);

/// Returns how many events wait, and how many requests that no call waits for.
struct Waiting
{
    std::uint64_t events = 0;
    std::uint64_t requests = 0;
};
Waiting waiting_in(const spool::Counts& counts);

/// An event that has waited for longer is worth telling.
inline constexpr std::chrono::minutes long_wait{5};

/// Returns why the spool does not keep what it is told; empty if it does, or if nobody needs it.
std::string spool_fault(const spool::Counts& counts, const dispatch::Snapshot& snapshot);

/// Returns a sentence, without URLs, for each thing that an operator has to look after: the spool's fault, a
/// notification that is switched off, events that wait for longer than `long_wait`. Empty: all is well.
std::vector<std::string> event_trouble(const spool::Counts& counts, const dispatch::Snapshot& snapshot,
                                       std::chrono::system_clock::time_point now);

/// Returns whether somebody relies on the spool's file: notifications, or who gave it a folder.
bool needs_spool(const spool::Counts& counts, const dispatch::Snapshot& snapshot);

} // namespace dialhook::status
