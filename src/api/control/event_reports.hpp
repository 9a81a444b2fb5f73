#pragma once

#include "delivery/event_test.hpp"
#include "dispatch/snapshot.hpp"
#include "spool/spool.hpp"

#include <boost/system/result.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

/// What dialhookctl shows of call events, as JSON; docs/control-socket.md describes it. Pure.
namespace dialhook::control {

/// Reports each URL of each notification in the order of the configuration, then those that it has no more and for
/// which events wait, and the webhooks that no call waits for.
std::string notifications_json(const spool::Counts& counts, const dispatch::Snapshot& snapshot,
                               std::chrono::system_clock::time_point now);

/// Reads the parameters of `deliveries`. The fault is a sentence.
boost::system::result<spool::DeliveriesWanted, std::string>
read_deliveries_wanted(const std::string& params, std::chrono::system_clock::time_point now);

/// Takes the newest first and lists the oldest first.
std::string deliveries_json(const std::vector<spool::Delivery>& deliveries);

/// Reads the parameters of `replay`: which delivery. The fault is a sentence.
boost::system::result<std::int64_t, std::string> read_replay(const std::string& params);

/// Reads the parameters of `test`: the name of a notification. The fault is a sentence.
boost::system::result<std::string, std::string> read_test(const std::string& params);

/// Says that there is no notification `name`, and which comes closest to it.
std::string unknown_notification(const std::string& name, const dispatch::Snapshot& snapshot);

/// Reports each request and what came back, with secrets masked.
std::string event_test_json(const delivery::EventTest& test);

} // namespace dialhook::control
