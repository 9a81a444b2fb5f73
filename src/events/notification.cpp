#include "events/notification.hpp"

#include <algorithm>
#include <string_view>

namespace dialhook::events {
namespace {

bool covers(std::string_view pattern, std::string_view did_key)
{
    if (pattern.ends_with('*'))
        return did_key.starts_with(pattern.substr(0, pattern.size() - 1));
    return did_key == pattern;
}

} // namespace

const std::string& shown(const NotificationUrl& url)
{
    if (const auto* nats = std::get_if<NatsUrl>(&url))
        return nats->shown;
    return std::get<UrlTemplate>(url).shown();
}

bool Notification::wants(Kind kind, const std::string& did_key) const
{
    if (!events.test(static_cast<std::size_t>(kind)))
        return false;
    return dids.empty() ||
           std::any_of(dids.begin(), dids.end(), [&](const std::string& did) { return covers(did, did_key); });
}

} // namespace dialhook::events
