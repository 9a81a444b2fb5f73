#pragma once

#include "call/call.hpp"
#include "events/event.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

namespace dialhook::spool {

/// Which of the URLs of which notification; or a webhook that no call waits for.
struct DeliveryTarget
{
    std::string name; ///< of the notification or the webhook
    std::string url;  ///< `events::shown`; empty: a webhook

    bool is_webhook() const { return url.empty(); }
    auto operator<=>(const DeliveryTarget&) const = default;
};

/// A reload lowered how long events of a kind wait for a notification.
struct Shortened
{
    std::string notification;
    events::Kind kind;
    std::chrono::milliseconds before;
    std::chrono::milliseconds after;
};

/// One thing to deliver to one target: an event, or the call of a webhook with `wait: false`. It is carried again with
/// a higher `attempt` until it is delivered or expires.
struct Parcel
{
    std::int64_t id;        ///< the spool's, for `Spool::conclude`
    std::string webhook_id; ///< the same in every attempt
    unsigned attempt;       ///< from 1
    DeliveryTarget target;
    std::chrono::system_clock::time_point reported_at;
    std::chrono::system_clock::time_point expires_at;
    std::variant<events::CallEvent, Call> content;
};

/// What came of one attempt.
struct Attempted
{
    enum class Outcome : unsigned char
    {
        delivered, ///< 2xx, an acknowledgement of JetStream, or a no of a webhook
        gone,      ///< 410: the notification is switched off until a reload
        failed     ///< to be tried again
    };

    Outcome outcome;
    std::optional<int> http_status;
    std::optional<std::chrono::seconds> retry_after; ///< of 429 and 503, as the web server said
    std::string detail;                              ///< for people; without secrets
};

} // namespace dialhook::spool
