#pragma once

#include "events/notification.hpp"
#include "webhook/url_template.hpp"

#include <boost/system/result.hpp>

#include <string_view>

namespace dialhook::config {

/// Reads `nats://[USER:PASSWORD@ or TOKEN@]HOST[:PORT][,HOST[:PORT]…]/SUBJECT`. The fault says nothing of the user
/// info, which is secret.
boost::system::result<events::NatsUrl, TemplateError> parse_nats_url(std::string_view text);

} // namespace dialhook::config
