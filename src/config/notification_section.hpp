#pragma once

#include "config/key_table.hpp"
#include "config/placed.hpp"
#include "config/shared_values.hpp"
#include "events/notification.hpp"

#include <vector>

namespace dialhook::config {

/// A notification while it is read.
struct NotificationDraft : events::Notification
{
    NotificationDraft();

    SharedValues* shared = nullptr;
};

using PlacedNotification = Placed<events::Notification>;

const KeyTable<NotificationDraft>& notification_keys();

/// Reads the `notifications` of one file and appends them to `notifications`.
void read_notifications(const Value& value, SharedValues& shared, std::vector<PlacedNotification>& notifications);

} // namespace dialhook::config
