#include "delivery/event_request.hpp"

#include "dispatch/request_text.hpp"

#include <optional>
#include <string_view>

namespace dialhook::delivery {

using dispatch::Content;
using dispatch::Hop;

EventRequest::EventRequest(const dispatch::ResolvedNotification& resolved, const dispatch::EventEndpoint& endpoint,
                           const events::CallEvent& event, const std::string& webhook_id, const Numbers& numbers)
    : resolved_(resolved)
    , endpoint_(endpoint)
    , webhook_id_(webhook_id)
    , seq_(event.seq)
    , body_(events::body_of(event, *resolved.notification, webhook_id, numbers))
{
}

Hop EventRequest::first_hop() const
{
    return {endpoint_.url->origin(), endpoint_.request_target, Content::post};
}

net::Target EventRequest::target_of(const Hop& hop) const
{
    if (is_own(hop))
        return endpoint_.target;
    const Origin& origin = hop.origin;
    return {origin.host, origin.port, origin.https ? resolved_.tls_elsewhere : nullptr, endpoint_.target.proxy};
}

std::string EventRequest::text(const Hop& hop, const net::Target& target,
                               std::chrono::system_clock::time_point now) const
{
    std::string text;
    text.reserve(512 + body_.text.size());
    dispatch::append_method(text, hop.content);
    dispatch::append_absolute_form(text, target, hop.origin);
    const std::size_t target_at = text.size();
    text += hop.target;
    if (!is_own(hop)) {
        dispatch::append_rest(text, dispatch::foreign_headers(hop.origin, target), hop.content, {}, std::nullopt, {});
        return text;
    }
    const events::Notification& notification = *resolved_.notification;
    dispatch::RequestBody body;
    if (hop.content == Content::post)
        body.text = body_.text;
    if (!dispatch::has_header(notification.headers.get(), "Content-Type"))
        body.content_type = body_.content_type;
    std::optional<dispatch::Signing> signing;
    if (!notification.secrets.empty())
        signing.emplace(dispatch::Signing{notification.secrets, webhook_id_, now, target_at});
    dispatch::append_rest(text, endpoint_.own_headers, hop.content, body, signing, event_lines());
    return text;
}

/// The id is the same in every attempt, so that a web server can tell that it knows the event. A signature says it
/// itself.
std::string EventRequest::event_lines() const
{
    std::string lines;
    if (resolved_.notification->secrets.empty())
        lines.append("webhook-id: ").append(webhook_id_).append("\r\n");
    if (resolved_.notification->format == events::EventFormat::voys_v2) // whose documentation has no member for it
        lines.append("webhook-sequence: ").append(std::to_string(seq_)).append("\r\n");
    return lines;
}

} // namespace dialhook::delivery
