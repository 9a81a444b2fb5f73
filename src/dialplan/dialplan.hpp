#pragma once

#include "dialplan/step.hpp"
#include "webhook/webhook.hpp"

#include <optional>
#include <string>

namespace dialhook::dialplan {

/// The last step of a dialplan, with what follows in either case.
struct WebhookStep
{
    WebhookName webhook;
    Steps on_success; ///< "HTTP and IVR success"
    Steps on_failure; ///< "HTTP or IVR failed"

    /// Returns whether a success without a destination leaves nothing to dial.
    bool needs_destination() const;

    bool operator==(const WebhookStep&) const = default;
};

/// The ordered steps for one DID. Immutable once loaded.
struct Dialplan
{
    std::string key;                    ///< as it is written: a DID, a pattern, or `default`
    Steps steps;                        ///< those before the webhook, or all there are
    std::optional<WebhookStep> webhook; ///< what ends it

    bool operator==(const Dialplan&) const = default;
};

} // namespace dialhook::dialplan
