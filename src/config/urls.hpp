#pragma once

#include "events/notification.hpp"
#include "webhook/url_template.hpp"
#include "yaml/value.hpp"

#include <optional>
#include <span>
#include <string>

namespace dialhook::config {

/// Reads a URL template; `vars` are the names that may follow `var.`. Errors do not show its user info,
/// which may hold a password.
std::optional<UrlTemplate> read_url_template(const Value& value, std::span<const std::string> vars);

/// Reads a URL of a notification: http, https or nats, without variables. Errors do not show its user info.
std::optional<events::NotificationUrl> read_notification_url(const Value& value);

} // namespace dialhook::config
