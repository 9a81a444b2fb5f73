#pragma once

#include "dispatch/dispatcher.hpp"
#include "dispatch/snapshot.hpp"
#include "spool/parcel.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace dialhook::delivery {

/// What came of a test event at one URL.
struct TestedUrl
{
    std::string url; ///< without secrets
    spool::Attempted attempted;
    std::chrono::steady_clock::duration elapsed;
    std::vector<dispatch::ExchangeReport> exchanges; ///< with redirects; hold secrets. Over HTTP alone
};

/// A made-up event that was sent to each URL of a notification.
struct EventTest
{
    std::shared_ptr<const dispatch::Snapshot> snapshot;
    const dispatch::ResolvedNotification* resolved; ///< in `snapshot`
    events::CallEvent event;
    std::string webhook_id;
    std::vector<TestedUrl> urls; ///< in the order of the configuration
};

/// Makes up an event of a kind that `notification` wants, of a call that never was, between numbers that are reserved
/// for fiction. `call_id` tells it from real calls: `dialhook-test-` and `unique`.
events::CallEvent made_up_event(const events::Notification& notification, std::string_view unique,
                                std::chrono::system_clock::time_point now);

} // namespace dialhook::delivery
