#pragma once

#include "events/notification.hpp"
#include "spool/keeper.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <set>
#include <string_view>

// What the sources of the keeper have in common.
namespace dialhook::spool {

/// After a failure of the file.
inline constexpr std::chrono::milliseconds write_again_after{1000};

/// Two calls that have the same one wait for each other, which hurts nobody. Never 0.
inline std::uint64_t order_of(std::string_view call_id)
{
    return std::hash<std::string_view>()(call_id) | 1U;
}

inline std::set<DeliveryTarget> targets_of(const events::Notification& notification)
{
    std::set<DeliveryTarget> targets;
    for (const events::NotificationUrl& url : notification.urls)
        targets.insert({notification.name.str(), events::shown(url)});
    return targets;
}

/// Returns how long an event waits.
inline std::chrono::milliseconds lifetime(const events::Notification& notification, events::Kind kind)
{
    constexpr std::chrono::milliseconds of_ringing = std::chrono::minutes(1);
    return kind == events::Kind::ringing ? std::min(of_ringing, notification.expires) : notification.expires;
}

/// Returns null if there is none of that name.
inline const events::Notification* notification_of(const Settings& settings, std::string_view name)
{
    if (!settings.notifications)
        return nullptr;
    for (const events::Notification& notification : *settings.notifications)
        if (notification.name.str() == name)
            return &notification;
    return nullptr;
}

/// Returns the row of a delivery, in its file or in memory.
inline std::int64_t row_of(Schedule::Id id)
{
    return id >= Keeper::first_in_memory ? id - Keeper::first_in_memory : id;
}

} // namespace dialhook::spool
