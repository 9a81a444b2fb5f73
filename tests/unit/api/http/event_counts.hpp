#pragma once

#include "dispatch/snapshot.hpp"
#include "spool/spool.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dialhook::status {

/// A configuration with notifications of these names and URLs.
inline std::shared_ptr<const dispatch::Snapshot>
snapshot_with(const std::vector<std::pair<std::string, std::vector<std::string_view>>>& notifications)
{
    events::Notifications made;
    for (const auto& [name, urls] : notifications) {
        events::Notification notification{.name = *WebhookName::from(name), .urls = {}};
        for (const std::string_view url : urls)
            notification.urls.emplace_back(*UrlTemplate::parse(url));
        made.push_back(std::move(notification));
    }
    config::Configuration configuration;
    configuration.notifications = std::make_shared<const events::Notifications>(std::move(made));
    net::TlsContexts contexts;
    return dispatch::Snapshot::make(std::move(configuration), contexts, nullptr);
}

} // namespace dialhook::status
