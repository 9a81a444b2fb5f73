#pragma once

#include <dialhook/config/configuration.hpp>
#include <dialhook/dispatch/webhook_state.hpp>
#include <dialhook/net/target.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace dialhook::dispatch {

/// A webhook ready to be fired: its definition, and what is worked out once for all its firings.
struct Hook
{
    const Webhook* webhook; ///< in the snapshot's configuration
    net::Target target;
    std::string own_headers; ///< all header lines of a request to its own origin; holds secrets
    std::shared_ptr<const net::TlsContext>
        tls_elsewhere; ///< for redirects to another origin: the same trust, no identity
    std::shared_ptr<WebhookState> state;
};

/// One configuration in use. Immutable, shared by all threads; a reload makes a new one, and calls under way keep the
/// one that they started with.
class Snapshot
{
public:
    /// Reads the files of TLS settings, and so may block. They were checked before, so a fault here throws
    /// std::runtime_error. `previous` (null at start) hands its webhooks' states on.
    static std::shared_ptr<const Snapshot> make(config::Configuration configuration, net::TlsContexts& contexts,
                                                const Snapshot* previous);

    const config::Configuration& configuration() const { return configuration_; }
    const std::vector<Hook>& hooks() const { return hooks_; }

    /// Null if there is none of this name.
    const Hook* find(std::string_view name) const;

private:
    explicit Snapshot(config::Configuration configuration)
        : configuration_(std::move(configuration))
    {
    }

    config::Configuration configuration_;
    std::vector<Hook> hooks_;
    std::unordered_map<std::string_view, const Hook*> by_name_;
};

/// `tls` of a webhook in the words of `net`.
net::TlsSettings tls_settings(const TlsOptions* options);

} // namespace dialhook::dispatch
