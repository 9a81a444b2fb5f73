#include "dispatch/snapshot.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace dialhook::dispatch {
namespace {

Webhook webhook(std::string_view name, std::string_view url, std::shared_ptr<const TlsOptions> tls = nullptr)
{
    Webhook webhook{.name = *WebhookName::from(name),
                    .url = *UrlTemplate::parse(url),
                    .description = {},
                    .headers = {},
                    .tls = {},
                    .destinations = {}};
    webhook.tls = std::move(tls);
    return webhook;
}

config::Configuration configuration(std::vector<Webhook> webhooks)
{
    config::Configuration configuration;
    for (Webhook& webhook : webhooks)
        configuration.webhooks.push_back(std::move(webhook));
    return configuration;
}

std::shared_ptr<const TlsOptions> options(TlsVersion version, std::string ca_file = {})
{
    return std::make_shared<const TlsOptions>(
        TlsOptions{.ca_file = std::move(ca_file), .client_cert = {}, .client_key = {}, .min_version = version});
}

TEST(Snapshot, FindsWebhooksByTheirWholeName)
{
    net::TlsContexts contexts;
    const auto snapshot = Snapshot::make(configuration({webhook("CRM connection", "http://crm.lan:81/x?did={did}"),
                                                        webhook("crm", "https://user:pass@crm.lan/")}),
                                         contexts, nullptr);
    ASSERT_EQ(snapshot->webhooks().size(), 2U);
    const ResolvedWebhook* const first = snapshot->find("CRM connection");
    ASSERT_NE(first, nullptr);
    EXPECT_EQ(first, &snapshot->webhooks()[0]);
    EXPECT_EQ(first->webhook, &snapshot->configuration().webhooks[0]);
    EXPECT_EQ(first->webhook->name.str(), "CRM connection");
    EXPECT_EQ(snapshot->find("crm"), &snapshot->webhooks()[1]);
    for (const std::string_view name :
         {"", "c", "CRM", "Crm", "crm ", "crm connection", "CRM connectio", "CRM connection2"})
        EXPECT_EQ(snapshot->find(name), nullptr) << name;
    EXPECT_EQ(snapshot->find(std::string_view("crm\0", 4)), nullptr);
    EXPECT_EQ(Snapshot::make(configuration({}), contexts, nullptr)->find("crm"), nullptr);
}

/// What a load has kept of the one before is the same object in both configurations.
TEST(Snapshot, TakesOverWhatDidNotChange)
{
    const auto same = std::make_shared<const Webhook>(webhook("b", "http://user:pass@crm.lan/"));
    const auto with = [&same](std::vector<Webhook> others) {
        config::Configuration configuration;
        for (Webhook& other : others)
            configuration.webhooks.push_back(std::move(other));
        configuration.webhooks.share(same);
        configuration.proxy = std::make_shared<const egress::Proxy>(egress::Proxy{"proxy.lan", 3128, {}});
        return configuration;
    };
    net::TlsContexts contexts;
    std::shared_ptr<const Snapshot> after;
    std::shared_ptr<WebhookState> state;
    {
        const auto before = Snapshot::make(with({webhook("a", "http://crm.lan/a")}), contexts, nullptr);
        state = before->find("b")->state;
        after = Snapshot::make(with({webhook("0", "http://crm.lan/0"), webhook("a", "http://crm.lan/other")}), contexts,
                               before.get());
        EXPECT_EQ(after->find("b")->main.target, before->find("b")->main.target) << "an equal proxy is the same one";
        EXPECT_EQ(after->find("a")->state, before->find("a")->state);
    }
    const ResolvedWebhook& resolved = *after->find("b");
    EXPECT_EQ(resolved.webhook, same.get());
    EXPECT_EQ(resolved.state, state);
    EXPECT_EQ(resolved.main.url, &same->url);
    EXPECT_NE(resolved.main.own_headers.find("Authorization: Basic "), std::string_view::npos)
        << "not those of the snapshot that is gone";
    std::string target;
    after->find("a")->main.url->expand({}, target);
    EXPECT_EQ(target, "/other");
}

TEST(Snapshot, AWebhookWhoseOriginIsRetriedMeanwhileHasItsBudget)
{
    const auto same = std::make_shared<const Webhook>(webhook("a", "http://crm.lan/"));
    config::Configuration first;
    first.webhooks.share(same);
    net::TlsContexts contexts;
    const auto before = Snapshot::make(std::move(first), contexts, nullptr);
    EXPECT_EQ(before->find("a")->main.budget, nullptr);
    config::Configuration second;
    second.webhooks.share(same);
    Webhook retrying = webhook("b", "http://crm.lan/b");
    Policies policies;
    policies.retries = 1;
    retrying.policies = std::make_shared<const Policies>(policies);
    second.webhooks.push_back(std::move(retrying));
    const auto after = Snapshot::make(std::move(second), contexts, before.get());
    EXPECT_NE(after->find("a")->main.budget, nullptr);
    EXPECT_EQ(after->find("a")->main.budget, after->find("b")->main.budget);
}

TEST(Snapshot, ReadsTheSystemsCasOnlyForWhomNeedsThem)
{
    net::TlsContexts contexts;
    const auto plain = Snapshot::make(configuration({webhook("crm", "http://crm.lan/")}), contexts, nullptr);
    const auto& later = plain->find("crm")->tls_elsewhere;
    ASSERT_NE(later, nullptr);
    EXPECT_EQ(later->native(), nullptr);

    const auto secure = Snapshot::make(
        configuration({webhook("crm", "http://crm.lan/"), webhook("s", "https://s.lan/")}), contexts, plain.get());
    EXPECT_NE(later->native(), nullptr);
    EXPECT_EQ(secure->find("s")->main.target.tls, later);
    EXPECT_EQ(secure->find("crm")->tls_elsewhere, later);
}

TEST(Snapshot, KnowsWhereEachWebhookGoes)
{
    net::TlsContexts contexts;
    const auto snapshot = Snapshot::make(
        configuration({webhook("a", "http://CRM.lan:81/x"), webhook("b", "https://[2001:db8::1]/"),
                       webhook("c", "https://crm.lan/", options(TlsVersion::tls_1_3)), webhook("d", "https://crm.lan/"),
                       webhook("e", "https://crm.lan/", options(TlsVersion::tls_1_2))}),
        contexts, nullptr);
    const auto& webhooks = snapshot->webhooks();
    EXPECT_EQ(webhooks[0].main.target, (net::Target{"crm.lan", 81, nullptr}));
    EXPECT_EQ(webhooks[1].main.target.host, "2001:db8::1");
    EXPECT_EQ(webhooks[1].main.target.port, 443);
    EXPECT_NE(webhooks[1].main.target.tls, nullptr);
    EXPECT_NE(webhooks[2].main.target.tls, webhooks[1].main.target.tls) << "TLS settings of their own";
    EXPECT_EQ(webhooks[3].main.target.tls, webhooks[1].main.target.tls)
        << "the defaults again, behind one that has settings";
    EXPECT_EQ(webhooks[4].main.target.tls, webhooks[1].main.target.tls) << "the defaults written out are the defaults";
    EXPECT_EQ(SSL_CTX_get_min_proto_version(webhooks[2].main.target.tls->native()), TLS1_3_VERSION);
    EXPECT_EQ(SSL_CTX_get_min_proto_version(webhooks[3].main.target.tls->native()), TLS1_2_VERSION);
    for (const ResolvedWebhook& resolved : webhooks) {
        EXPECT_NE(resolved.tls_elsewhere, nullptr) << "http may be redirected to https";
        EXPECT_TRUE(resolved.main.own_headers.starts_with("Host: ")) << resolved.main.own_headers;
    }
    EXPECT_EQ(webhooks[2].tls_elsewhere, webhooks[2].main.target.tls)
        << "no client certificate, so nothing to leave out";
}

TEST(Snapshot, ReloadKeepsStatesByName)
{
    net::TlsContexts contexts;
    const auto before =
        Snapshot::make(configuration({webhook("a", "http://a/"), webhook("b", "http://b/")}), contexts, nullptr);
    before->find("a")->state->in_flight = 5;
    EXPECT_NE(before->find("a")->state, before->find("b")->state);

    const auto after = Snapshot::make(configuration({webhook("a", "http://elsewhere/"), webhook("c", "http://c/")}),
                                      contexts, before.get());
    EXPECT_EQ(after->find("a")->state, before->find("a")->state);
    EXPECT_EQ(after->find("a")->state->in_flight, 5U);
    EXPECT_EQ(after->find("b"), nullptr);
    EXPECT_EQ(after->find("c")->state->in_flight, 0U);
    EXPECT_EQ(before->find("a")->main.target.host, "a") << "the old one stays as it was for calls under way";
    EXPECT_EQ(after->find("a")->main.target.host, "elsewhere");

    // One that was gone for a while starts anew.
    const auto later = Snapshot::make(configuration({webhook("b", "http://b/")}), contexts, after.get());
    EXPECT_NE(later->find("b")->state, before->find("b")->state);
}

/// What was kept was allowed when `0612345678` meant another number.
TEST(Snapshot, ReloadWithOtherNumbersForgetsRepliesAndKeepsBreakers)
{
    Policies policies;
    policies.cache = std::chrono::minutes(1);
    policies.circuit_breaker = BreakerOptions();
    const auto shared = std::make_shared<const Policies>(policies);
    net::TlsContexts contexts;
    const auto make = [&](std::string_view country, const Snapshot* previous) {
        Webhook keeping = webhook("keeping", "http://crm.lan/");
        keeping.policies = shared;
        config::Configuration with = configuration({keeping, webhook("plain", "http://crm.lan/")});
        with.server.numbers.plan = {std::string(country), "0", "00"};
        return Snapshot::make(std::move(with), contexts, previous);
    };
    const auto before = make("31", nullptr);
    const auto same = make("31", before.get());
    const auto after = make("49", same.get());
    const auto& replies = before->find("keeping")->replies;
    ASSERT_NE(replies, nullptr);
    EXPECT_EQ(same->find("keeping")->replies, replies);
    ASSERT_NE(after->find("keeping")->replies, nullptr);
    EXPECT_NE(after->find("keeping")->replies, replies);
    EXPECT_EQ(after->find("keeping")->breaker, before->find("keeping")->breaker);
    EXPECT_EQ(after->find("plain")->replies, nullptr);
}

TEST(Snapshot, ReloadKeepsTlsContextsInUse)
{
    net::TlsContexts contexts;
    const auto make = [&](const Snapshot* previous) {
        return Snapshot::make(
            configuration({webhook("a", "https://a/"), webhook("b", "https://b/", options(TlsVersion::tls_1_3))}),
            contexts, previous);
    };
    const auto before = make(nullptr);
    const auto after = make(before.get());
    EXPECT_EQ(after->find("a")->main.target, before->find("a")->main.target) << "connections are kept by target";
    EXPECT_EQ(after->find("b")->main.target, before->find("b")->main.target);
}

TEST(Snapshot, AFileThatIsGoneIsNoSilentDefault)
{
    net::TlsContexts contexts;
    const auto missing = std::filesystem::temp_directory_path() / "dialhook-no-such-folder" / "ca.pem";
    try {
        Snapshot::make(configuration({webhook("a", "https://a/", options(TlsVersion::tls_1_2, missing.string()))}),
                       contexts, nullptr);
        FAIL() << "made";
    } catch (const std::runtime_error& error) {
        EXPECT_EQ(std::string(error.what()), missing.string() + " cannot be read: No such file or directory");
    }
}

TEST(Snapshot, TlsOptionsInTheWordsOfNet)
{
    EXPECT_EQ(tls_settings(nullptr), net::TlsSettings{});
    const TlsOptions all{
        .ca_file = "ca", .client_cert = "cert", .client_key = "key", .min_version = TlsVersion::tls_1_3};
    EXPECT_EQ(tls_settings(&all), (net::TlsSettings{"ca", "cert", "key", true}));
    const TlsOptions plain{};
    EXPECT_EQ(tls_settings(&plain), net::TlsSettings{});
}

events::Notification notification(std::string_view name, std::vector<events::NotificationUrl> urls)
{
    return {.name = *WebhookName::from(name), .urls = std::move(urls)};
}

TEST(Snapshot, ResolvesNotificationsByTheirWholeName)
{
    events::NatsUrl bus;
    bus.servers = {{"bus.lan"}};
    bus.subject = "calls";
    config::Configuration configuration;
    configuration.notifications = std::make_shared<const events::Notifications>(events::Notifications{
        notification("bus", {bus}), notification("crm", {*UrlTemplate::parse("https://user:pass@crm.lan/calls?a=b"),
                                                         *UrlTemplate::parse("http://b.lan:81")})});
    net::TlsContexts contexts;
    const auto snapshot = Snapshot::make(std::move(configuration), contexts, nullptr);
    ASSERT_EQ(snapshot->notifications().size(), 2U);
    EXPECT_TRUE(snapshot->find_notification("bus")->endpoints.empty());
    const ResolvedNotification* const crm = snapshot->find_notification("crm");
    ASSERT_NE(crm, nullptr);
    EXPECT_EQ(crm->notification, &snapshot->configuration().notifications->at(1));
    ASSERT_EQ(crm->endpoints.size(), 2U);
    EXPECT_EQ(crm->endpoints[0].request_target, "/calls?a=b");
    EXPECT_EQ(crm->endpoints[0].target.tls, crm->tls);
    EXPECT_NE(crm->endpoints[0].own_headers.find("Authorization: Basic"), std::string::npos);
    EXPECT_EQ(crm->endpoints[1].request_target, "/");
    EXPECT_EQ(crm->endpoints[1].target.tls, nullptr);
    EXPECT_EQ(crm->endpoints[1].target.port, 81);
    for (const std::string_view name : {"", "cr", "crm2", "a", "z"})
        EXPECT_EQ(snapshot->find_notification(name), nullptr) << name;
}

TEST(Snapshot, KeepsConnectionsOpenOnlyForWebhooksThatCallsWaitFor)
{
    Webhook waited = webhook("a", "http://crm.lan/");
    waited.prewarm = 2;
    Webhook behind = webhook("b", "http://crm.lan/");
    behind.prewarm = 2;
    Policies policies;
    policies.wait = false;
    behind.policies = std::make_shared<const Policies>(policies);
    net::TlsContexts contexts;
    const auto snapshot = Snapshot::make(configuration({waited, behind}), contexts, nullptr);
    ASSERT_EQ(snapshot->prewarmed().size(), 1U);
    EXPECT_EQ(snapshot->prewarmed()[0]->webhook->name.str(), "a");
}

} // namespace
} // namespace dialhook::dispatch
