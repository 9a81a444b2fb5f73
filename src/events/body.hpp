#pragma once

#include "call/numbers.hpp"
#include "events/event.hpp"
#include "events/notification.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace dialhook::events {

/// What one event looks like to those who are told of it.
struct EventBody
{
    std::string text;              ///< JSON
    std::string_view content_type; ///< as a header has it
};

/// Writes `event` as `notification` wants it. `webhook_id` is the `id` of a CloudEvent; `numbers` serve the forms of
/// variables in `fields`. docs/notifications.md shows all three, and config/voys-v2.schema.json and
/// config/cloudevent.schema.json describe two of them.
EventBody body_of(const CallEvent& event, const Notification& notification, std::string_view webhook_id,
                  const Numbers& numbers);

/// Returns a time as ISO 8601 and RFC 3339 have it, with its offset: `2026-11-28T18:00:00.123456+00:00`.
std::string timestamp(std::chrono::system_clock::time_point at);

} // namespace dialhook::events
