#pragma once

#include "config/dialplan_section.hpp"
#include "config/notification_section.hpp"
#include "config/secrets.hpp"
#include "config/webhook_section.hpp"

#include <cstdint>
#include <memory>
#include <vector>

namespace dialhook::config {

/// What an included file without fault or warning defines, and what that was made of beside its text.
struct FileSections
{
    std::vector<PlacedWebhook> webhooks; ///< their file numbers are those of the load that read them
    std::vector<PlacedNotification> notifications;
    std::vector<PlacedDialplan> dialplans;

    std::uint64_t settings = 0; ///< which settings of the main file (`LoadCache::settings`)
    SecretFiles secrets;
    std::vector<std::shared_ptr<const TlsOptions>> tls; ///< each once; their files may change too
};

} // namespace dialhook::config
