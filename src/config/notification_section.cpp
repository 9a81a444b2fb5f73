#include "config/notification_section.hpp"

#include "base/pace.hpp"
#include "base/text.hpp"
#include "yaml/shown.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace dialhook::config {
namespace {

using events::EventFormat;
using events::NatsUrl;

/// Points at the key if it is there, else at the notification.
void fault_of(const Value& notification, std::string_view key, const std::string& why)
{
    const auto place = notification.entry(key);
    (place ? *place : notification).fault_at_key(why);
}

bool sets(const NotificationDraft& draft, std::string_view name)
{
    return draft.headers != nullptr && std::ranges::any_of(*draft.headers, [name](const RequestHeader& header) {
               return text::equals_ignoring_case(header.name(), name);
           });
}

/// What the daemon says of each event cannot be set by hand too.
void check_headers(const Value& notification, const NotificationDraft& draft)
{
    constexpr std::array<std::string_view, 4> own{"webhook-id", "webhook-timestamp", "webhook-signature",
                                                  "webhook-sequence"};
    for (const std::string_view name : own)
        if (sets(draft, name))
            fault_of(notification, "headers",
                     "the daemon sets the header " + std::string(name) + " itself; remove it from `headers`");
    const bool has_user_info = std::ranges::any_of(draft.urls, [](const events::NotificationUrl& url) {
        const auto* const http = std::get_if<UrlTemplate>(&url);
        return http != nullptr && !http->authorization().empty();
    });
    if (has_user_info && sets(draft, "Authorization"))
        fault_of(notification, "url",
                 "the user info of a URL and `headers` both set Authorization; remove one of them");
}

/// NATS has no requests that could carry a header or a signature.
void check_nats(const Value& notification, const NotificationDraft& draft)
{
    const bool has_nats = std::ranges::any_of(
        draft.urls, [](const events::NotificationUrl& url) { return std::holds_alternative<NatsUrl>(url); });
    if (!has_nats)
        return;
    for (const std::string_view key : {"headers", "secret"}) {
        const auto place = notification.entry(key);
        if (place && !place->is_text("off"))
            place->fault_at_key("`" + std::string(key) +
                                "` does not apply to NATS, and one of the URLs is nats://; give that URL a "
                                "notification of its own, or remove the key");
    }
}

void check_fields(const Value& notification, const NotificationDraft& draft)
{
    const auto place = notification.entry("fields");
    if (draft.format == EventFormat::fields && !place)
        fault_of(notification, "format",
                 "with `format: fields` the body is what `fields` says; write them beside it, such as "
                 "fields: { number: \"{callerid}\" }");
    if (place && draft.format != EventFormat::fields)
        place->fault_at_key("`fields` belong to `format: fields`; write that beside them, or remove them");
}

/// Settings that belong together, once the notification is read.
void finish(const Value& value, NotificationDraft& draft)
{
    if (!value.entry("url"))
        value.fault_at_key("the key \"url\" is missing; it says where events go, such as url: "
                           "https://crm.example/calls");
    check_headers(value, draft);
    check_nats(value, draft);
    check_fields(value, draft);
    draft.connect_timeout = std::min(draft.connect_timeout, draft.timeout);
}

} // namespace

void read_notifications(const Value& value, SharedValues& shared, std::vector<PlacedNotification>& notifications)
{
    value.each_entry([&](const Value& entry) {
        Pace::between_pieces();
        auto name = WebhookName::from(entry.name());
        if (!name)
            entry.fault_of_key("found " + in_quotes(entry.name()) +
                               " as the name of a notification, expected 1 to 64 letters, digits, spaces, '-', '_' "
                               "and '.'" +
                               entry.odd_character_in_key());
        NotificationDraft draft;
        draft.shared = &shared;
        if (notification_keys().read(entry, draft))
            finish(entry, draft);
        if (!name)
            return;
        draft.name = std::move(*name);
        notifications.push_back({static_cast<events::Notification&&>(draft), entry.file(), entry.key_mark()});
    });
}

} // namespace dialhook::config
