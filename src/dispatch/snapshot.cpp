#include "dispatch/snapshot.hpp"

#include "base/fetch_ahead.hpp"
#include "base/pace.hpp"
#include "dispatch/request_text.hpp"

#include <algorithm>
#include <cstddef>
#include <stdexcept>
#include <utility>
#include <vector>

namespace dialhook::dispatch {
namespace {

std::shared_ptr<const net::TlsContext> open(net::TlsContexts& contexts, const net::TlsSettings& settings)
{
    auto opened = contexts.open(settings);
    if (!opened.context)
        throw std::runtime_error(opened.fault);
    return std::move(opened.context);
}

Trust open_with(net::TlsContexts& contexts, const TlsOptions& options)
{
    net::TlsSettings settings = tls_settings(&options);
    Trust trust{open(contexts, settings), {}};
    settings.client_cert.clear();
    settings.client_key.clear();
    trust.elsewhere = open(contexts, settings);
    return trust;
}

/// Without options. `at_once`: some request needs the system's CAs, which otherwise are read when one first does.
Trust open_default(net::TlsContexts& contexts, bool at_once)
{
    auto context = at_once ? open(contexts, {}) : contexts.when_wanted();
    return {context, context};
}

/// Returns whether a request of its own needs the system's CAs.
bool trusts_the_system(const Webhook& webhook)
{
    const bool is_secure = webhook.url.origin().https || (webhook.policies && webhook.policies->fallback_url &&
                                                          webhook.policies->fallback_url->origin().https);
    return is_secure && webhook.tls == nullptr;
}

/// What was kept was allowed under another number plan, which may not allow it now.
void forget_replies(std::vector<ResolvedWebhook>& webhooks)
{
    for (ResolvedWebhook& resolved : webhooks) {
        Pace::between_pieces();
        if (resolved.replies)
            resolved.replies = std::make_shared<ReplyCache>();
    }
}

std::string key_of(const dialhook::Origin& origin)
{
    return (origin.https ? "https://" : "http://") + origin.authority();
}

/// The webhooks of an earlier snapshot, asked for in the order of the later one: nearly all are in both, so what is
/// asked for most often stands where the last one was found.
class Earlier
{
public:
    /// Null: there was none.
    explicit Earlier(const Snapshot* snapshot)
        : snapshot_(snapshot)
    {
    }

    const ResolvedWebhook* find(const std::string& name)
    {
        if (snapshot_ == nullptr)
            return nullptr;
        const std::vector<ResolvedWebhook>& webhooks = snapshot_->webhooks();
        const bool is_next = next_ < webhooks.size() && webhooks[next_].webhook->name.str() == name;
        const ResolvedWebhook* const found = is_next ? &webhooks[next_] : snapshot_->find(name);
        if (found != nullptr)
            next_ = static_cast<std::size_t>(found - webhooks.data()) + 1;
        return found;
    }

private:
    const Snapshot* snapshot_;
    std::size_t next_ = 0;
};

} // namespace

net::TlsSettings tls_settings(const TlsOptions* options)
{
    if (options == nullptr)
        return {};
    return {options->ca_file, options->client_cert, options->client_key, options->min_version == TlsVersion::tls_1_3};
}

net::TlsServerSettings tls_settings(const config::EngineTls& options)
{
    return {options.cert, options.key, options.client_ca};
}

std::shared_ptr<const Snapshot> Snapshot::make(config::Configuration configuration, net::TlsContexts& contexts,
                                               const Snapshot* previous)
{
    const std::shared_ptr<Snapshot> snapshot(new Snapshot(std::move(configuration)));
    const auto& webhooks = snapshot->configuration_.webhooks;
    snapshot->webhooks_.reserve(webhooks.size());

    if (previous != nullptr)
        snapshot->use_proxy_of(*previous);
    snapshot->make_budgets(previous);
    const bool has_same_budgets = previous != nullptr && previous->budgets_ == snapshot->budgets_;
    Earlier earlier(previous);

    // Nearly all webhooks have the same TLS settings: their contexts are looked up once.
    const TlsOptions* known = nullptr;
    Trust trust = open_default(contexts, std::any_of(webhooks.begin(), webhooks.end(), trusts_the_system));
    for (const Webhook& webhook : webhooks) {
        Pace::between_pieces();
        if (webhook.tls.get() != known) {
            known = webhook.tls.get();
            trust = known == nullptr ? open_default(contexts, true) : open_with(contexts, *known);
        }
        snapshot->add(webhook, earlier.find(webhook.name.str()), trust, has_same_budgets);
    }
    const Numbers& numbers = snapshot->configuration_.server.numbers.plan;
    if (previous != nullptr && previous->configuration_.server.numbers.plan != numbers)
        forget_replies(snapshot->webhooks_);
    snapshot->by_name_ = WebhookIndex(snapshot->webhooks_);
    snapshot->resolve_notifications(contexts);
    snapshot->open_engine_tls();
    return snapshot;
}

/// Anew for each snapshot, since its files may hold something else by now. What is connected goes on as it began.
void Snapshot::open_engine_tls()
{
    const config::EngineTls& options = configuration_.server.engine_http.tls;
    if (options.cert.empty())
        return;
    auto opened = net::open_tls_server(tls_settings(options));
    if (!opened.context)
        throw std::runtime_error(opened.fault);
    engine_tls_ = std::move(opened.context);
}

/// A proxy that is configured as before is the same one, so that connections through it are kept.
void Snapshot::use_proxy_of(const Snapshot& previous)
{
    const auto& before = previous.configuration_.proxy;
    if (before && configuration_.proxy && *before == *configuration_.proxy)
        configuration_.proxy = before;
}

void Snapshot::add(const Webhook& webhook, const ResolvedWebhook* before, const Trust& trust, bool has_same_budgets)
{
    ResolvedWebhook& resolved = webhooks_.emplace_back();
    resolved.webhook = &webhook;
    const bool is_as_before = before != nullptr && before->webhook == &webhook && has_same_budgets &&
                              before->main.target.tls == (webhook.url.origin().https ? trust.own : nullptr) &&
                              before->main.target.proxy == configuration_.proxy;
    if (is_as_before) {
        resolved.main = before->main;
        resolved.main.own_headers = kept_headers(before->main.own_headers);
    } else {
        resolved.main = endpoint(Source::url, webhook, webhook.url, trust.own);
    }
    resolved.tls_elsewhere = trust.elsewhere;
    resolved.state = before == nullptr ? std::make_shared<WebhookState>() : before->state;
    if (webhook.policies)
        add_policies(resolved, before, trust.own);
    if (webhook.prewarm != 0 && webhook.is_waited_for())
        prewarmed_.push_back(&resolved);
}

std::string_view Snapshot::kept_headers(std::string_view text)
{
    const auto known = own_headers_.find(text);
    return known != own_headers_.end() ? *known : *own_headers_.emplace(text).first;
}

void Snapshot::resolve_notifications(net::TlsContexts& contexts)
{
    for (const events::Notification& notification : *configuration_.notifications) {
        Pace::between_pieces();
        const bool is_secure = std::ranges::any_of(notification.urls, [](const events::NotificationUrl& url) {
            const auto* const http = std::get_if<UrlTemplate>(&url);
            return http != nullptr && http->origin().https;
        });
        auto [own, elsewhere] =
            notification.tls ? open_with(contexts, *notification.tls) : open_default(contexts, is_secure);
        ResolvedNotification resolved{&notification, {}, own, std::move(elsewhere)};
        for (const events::NotificationUrl& any : notification.urls) {
            const auto* const url = std::get_if<UrlTemplate>(&any);
            if (url == nullptr)
                continue;
            const dialhook::Origin& origin = url->origin();
            EventEndpoint endpoint{
                url, {}, {origin.host, origin.port, origin.https ? own : nullptr, configuration_.proxy}, {}};
            url->expand({}, endpoint.request_target);
            endpoint.own_headers = own_headers(notification.headers.get(), *url, endpoint.target);
            resolved.endpoints.push_back(std::move(endpoint));
        }
        notifications_.push_back(std::move(resolved));
    }
}

/// One webhook after the other, since there may be a hundred thousand of them.
Snapshot::~Snapshot()
{
    for (; !webhooks_.empty(); webhooks_.pop_back())
        Pace::between_pieces();
    for (auto& webhooks = configuration_.webhooks; !webhooks.empty(); webhooks.pop_back())
        Pace::between_pieces();
}

/// Requests are counted for every origin that some webhook retries, and for no other.
void Snapshot::make_budgets(const Snapshot* previous)
{
    for (const Webhook& webhook : configuration_.webhooks) {
        if (!webhook.policies || webhook.policies->retries == 0)
            continue;
        const std::string origin = key_of(webhook.url.origin());
        auto& budget = budgets_[origin];
        if (budget)
            continue;
        const bool is_known = previous != nullptr && previous->budgets_.contains(origin);
        budget = is_known ? previous->budgets_.at(origin) : std::make_shared<RetryBudget>();
    }
}

Endpoint Snapshot::endpoint(Source source, const Webhook& webhook, const UrlTemplate& url,
                            const std::shared_ptr<const net::TlsContext>& tls)
{
    const dialhook::Origin& origin = url.origin();
    Endpoint endpoint{
        source, source, &url,  {origin.host, origin.port, origin.https ? tls : nullptr, configuration_.proxy},
        {},     false,  false, {}};
    endpoint.own_headers = kept_headers(own_headers(webhook.headers.get(), url, endpoint.target));
    endpoint.has_own_trace = has_header(webhook.headers.get(), "traceparent");
    endpoint.has_header_templates = has_header_templates(webhook);
    if (!budgets_.empty())
        if (const auto budget = budgets_.find(key_of(origin)); budget != budgets_.end())
            endpoint.budget = budget->second;
    return endpoint;
}

void Snapshot::add_policies(ResolvedWebhook& resolved, const ResolvedWebhook* before,
                            const std::shared_ptr<const net::TlsContext>& tls)
{
    const Policies& policies = *resolved.webhook->policies;
    if (policies.fallback_url) {
        Endpoint fallback = endpoint(Source::fallback_url, *resolved.webhook, *policies.fallback_url, tls);
        if (fallback.target == resolved.main.target)
            fallback.connections_of = resolved.main.connections_of;
        resolved.fallback = std::make_unique<const Endpoint>(std::move(fallback));
    }
    if (before != nullptr && same_definition(*before->webhook, *resolved.webhook)) {
        resolved.breaker = before->breaker;
        resolved.replies = before->replies;
        return;
    }
    if (policies.circuit_breaker)
        resolved.breaker = std::make_shared<Breaker>(*policies.circuit_breaker);
    if (policies.cache.count() != 0 || policies.stale_if_error.count() != 0)
        resolved.replies = std::make_shared<ReplyCache>();
}

const ResolvedNotification* Snapshot::find_notification(std::string_view name) const
{
    const auto found = std::ranges::lower_bound(notifications_, name, {}, [](const ResolvedNotification& resolved) {
        return std::string_view(resolved.notification->name.str());
    });
    return found != notifications_.end() && found->notification->name.str() == name ? &*found : nullptr;
}

const ResolvedWebhook* Snapshot::find(std::string_view name) const
{
    const auto place = by_name_.find(name);
    if (!place)
        return nullptr;
    const ResolvedWebhook& resolved = webhooks_[*place];
    fetch_ahead(&resolved, sizeof resolved);
    fetch_ahead(resolved.webhook, sizeof *resolved.webhook);
    return &resolved;
}

} // namespace dialhook::dispatch
