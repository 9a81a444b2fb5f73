#pragma once

#include "call/decision.hpp"
#include "config/configuration.hpp"
#include "dispatch/policy/breaker.hpp"
#include "dispatch/policy/reply_cache.hpp"
#include "dispatch/policy/retry_budget.hpp"
#include "dispatch/webhook_index.hpp"
#include "dispatch/webhook_state.hpp"
#include "net/http/target.hpp"
#include "net/transport/tls_server.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace dialhook::dispatch {

/// One URL of a webhook, with what is computed once for all requests to it.
struct Endpoint
{
    Source source = Source::url;
    Source connections_of = Source::url; ///< whose `max_connections` it shares: that of `url` on the same origin
    const UrlTemplate* url = nullptr;    ///< in the snapshot's configuration
    net::Target target;
    std::string_view own_headers;        ///< header lines of all requests to its own origin; in the snapshot; secret
    bool has_own_trace = false;          ///< a `traceparent` is configured: the daemon sends none itself
    bool has_header_templates = false;   ///< further header lines differ from dispatch to dispatch
    std::shared_ptr<RetryBudget> budget; ///< of its origin; null: no webhook of the origin retries
};

/// A webhook with its endpoints and state, ready to be dispatched.
struct ResolvedWebhook
{
    const Webhook* webhook; ///< in the snapshot's configuration
    Endpoint main;
    std::unique_ptr<const Endpoint> fallback; ///< null: none
    std::shared_ptr<const net::TlsContext>
        tls_elsewhere; ///< for redirects to another origin: the same trust, no identity
    std::shared_ptr<WebhookState> state;
    // Kept over a reload while the webhook's definition stays the same.
    std::shared_ptr<Breaker> breaker;    ///< null: none
    std::shared_ptr<ReplyCache> replies; ///< null: none are kept; anew when numbers mean something else
};

/// One http or https URL of a notification, with what is computed once for all requests to it.
struct EventEndpoint
{
    const UrlTemplate* url;     ///< in the snapshot's configuration
    std::string request_target; ///< path and query as sent
    net::Target target;
    std::string own_headers; ///< header lines of all requests to its own origin; secret
};

/// A notification of the configuration with its endpoints, ready to be told events.
struct ResolvedNotification
{
    const events::Notification* notification;   ///< in the snapshot's configuration
    std::vector<EventEndpoint> endpoints;       ///< of its http and https URLs, in their order
    std::shared_ptr<const net::TlsContext> tls; ///< as its `tls` says
    std::shared_ptr<const net::TlsContext>
        tls_elsewhere; ///< for redirects to another origin: the same trust, no identity
};

/// The contexts of one set of TLS options.
struct Trust
{
    std::shared_ptr<const net::TlsContext> own;
    std::shared_ptr<const net::TlsContext> elsewhere; ///< the same trust, no identity
};

/// One configuration in use. Immutable and shared by all threads. A reload makes a new one; calls under way keep the
/// one they started with.
class Snapshot
{
public:
    /// Makes a snapshot. Reads TLS files and may block. They were checked before, so a fault throws std::runtime_error.
    /// Takes over the state of webhooks and origins from `previous` (null at start).
    static std::shared_ptr<const Snapshot> make(config::Configuration configuration, net::TlsContexts& contexts,
                                                const Snapshot* previous);

    ~Snapshot();
    Snapshot(const Snapshot&) = delete;
    Snapshot& operator=(const Snapshot&) = delete;

    const config::Configuration& configuration() const { return configuration_; }
    const std::vector<ResolvedWebhook>& webhooks() const { return webhooks_; }

    const std::vector<ResolvedNotification>& notifications() const { return notifications_; }

    /// Returns how a new connection of an engine over HTTP begins; null: without TLS.
    const net::TlsServerContext& engine_tls() const { return engine_tls_; }

    /// Returns the webhooks with `prewarm` that calls wait for.
    const std::vector<const ResolvedWebhook*>& prewarmed() const { return prewarmed_; }

    /// Returns null if there is none of this name.
    const ResolvedWebhook* find(std::string_view name) const;
    const ResolvedNotification* find_notification(std::string_view name) const;

private:
    using Budgets = std::unordered_map<std::string, std::shared_ptr<RetryBudget>>;

    struct TextHash
    {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
    };

    explicit Snapshot(config::Configuration configuration)
        : configuration_(std::move(configuration))
    {
    }

    void make_budgets(const Snapshot* previous);
    void use_proxy_of(const Snapshot& previous);
    void add(const Webhook& webhook, const ResolvedWebhook* before, const Trust& trust, bool has_same_budgets);
    Endpoint endpoint(Source source, const Webhook& webhook, const UrlTemplate& url,
                      const std::shared_ptr<const net::TlsContext>& tls);

    void open_engine_tls();
    void resolve_notifications(net::TlsContexts& contexts);

    /// Returns `text`, or an equal one that is here already.
    std::string_view kept_headers(std::string_view text);

    void add_policies(ResolvedWebhook& resolved, const ResolvedWebhook* before,
                      const std::shared_ptr<const net::TlsContext>& tls);

    config::Configuration configuration_;
    std::vector<ResolvedWebhook> webhooks_;           ///< in the order of the configuration
    WebhookIndex by_name_;                            ///< where in `webhooks_`
    std::vector<ResolvedNotification> notifications_; ///< ordered by name
    std::vector<const ResolvedWebhook*> prewarmed_;
    net::TlsServerContext engine_tls_;
    /// Each once: a hundred thousand webhooks of one web server have the same.
    std::unordered_set<std::string, TextHash, std::equal_to<>> own_headers_;
    Budgets budgets_; ///< by origin, of those that some webhook retries
};

/// Returns `tls` of a webhook as `net` takes it.
net::TlsSettings tls_settings(const TlsOptions* options);

/// Returns the same of `server.engine_http`.
net::TlsServerSettings tls_settings(const config::EngineTls& options);

} // namespace dialhook::dispatch
