#include "dispatch/request_text.hpp"

#include <dialhook/dispatch/snapshot.hpp>

#include <stdexcept>

namespace dialhook::dispatch {
namespace {

std::shared_ptr<const net::TlsContext> open(net::TlsContexts& contexts, const net::TlsSettings& settings)
{
    auto opened = contexts.open(settings);
    if (!opened.context)
        throw std::runtime_error(opened.fault);
    return std::move(opened.context);
}

} // namespace

net::TlsSettings tls_settings(const TlsOptions* options)
{
    if (options == nullptr)
        return {};
    return {options->ca_file, options->client_cert, options->client_key, options->min_version == TlsVersion::tls_1_3};
}

std::shared_ptr<const Snapshot> Snapshot::make(config::Configuration configuration, net::TlsContexts& contexts,
                                               const Snapshot* previous)
{
    const std::shared_ptr<Snapshot> snapshot(new Snapshot(std::move(configuration)));
    const auto& webhooks = snapshot->configuration_.webhooks;
    snapshot->hooks_.reserve(webhooks.size());
    snapshot->by_name_.reserve(webhooks.size());

    // Nearly all webhooks have the same TLS settings: their contexts are looked up once.
    const TlsOptions* known = nullptr;
    std::shared_ptr<const net::TlsContext> own = open(contexts, {});
    std::shared_ptr<const net::TlsContext> elsewhere = own;
    for (const Webhook& webhook : webhooks) {
        if (webhook.tls.get() != known) {
            known = webhook.tls.get();
            net::TlsSettings settings = tls_settings(known);
            own = open(contexts, settings);
            settings.client_cert.clear();
            settings.client_key.clear();
            elsewhere = open(contexts, settings);
        }
        const dialhook::Origin& origin = webhook.url.origin();
        const Hook* const before = previous == nullptr ? nullptr : previous->find(webhook.name.str());
        Hook& hook = snapshot->hooks_.emplace_back();
        hook.webhook = &webhook;
        hook.target = {origin.host, origin.port, origin.https ? own : nullptr};
        hook.own_headers = own_headers(webhook);
        hook.tls_elsewhere = elsewhere;
        hook.state = before == nullptr ? std::make_shared<WebhookState>() : before->state;
        snapshot->by_name_.emplace(webhook.name.str(), &hook);
    }
    return snapshot;
}

const Hook* Snapshot::find(std::string_view name) const
{
    const auto found = by_name_.find(name);
    return found == by_name_.end() ? nullptr : found->second;
}

} // namespace dialhook::dispatch
