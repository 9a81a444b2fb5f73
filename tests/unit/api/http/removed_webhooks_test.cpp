#include "api/http/removed_webhooks.hpp"
#include "api/http/scrape.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace dialhook::status {
namespace {

using Snapshot = std::shared_ptr<const dispatch::Snapshot>;

/// Reloads, and calls without a network.
class RemovedWebhooksTest : public testing::Test
{
protected:
    void reload(const std::vector<std::string>& names)
    {
        config::Configuration configuration;
        configuration.server.metrics.webhooks = false;
        for (const std::string& name : names)
            configuration.webhooks.push_back({.name = *WebhookName::from(name),
                                              .url = *UrlTemplate::parse("http://crm.lan/"),
                                              .description = {},
                                              .headers = {},
                                              .tls = {},
                                              .destinations = {}});
        net::TlsContexts contexts;
        auto snapshot = dispatch::Snapshot::make(std::move(configuration), contexts, sources.snapshot.get());
        if (sources.snapshot)
            sources.removed.replace(*sources.snapshot, *snapshot);
        sources.snapshot = std::move(snapshot);
    }

    static void succeed(const Snapshot& snapshot, std::string_view name)
    {
        snapshot->find(name)->state->metrics.of({0, 1}).count(Decision::success());
    }

    bool shows(const std::string& line) const
    {
        Scrape scrape(sources);
        return scrape.next().find('\n' + line + '\n') != std::string::npos;
    }

    Sources sources;
};

constexpr const char* two_successes = R"(dialhook_decisions_total{branch="success",reason=""} 2)";

TEST_F(RemovedWebhooksTest, StayInTheSum)
{
    reload({"a", "b"});
    succeed(sources.snapshot, "a");
    succeed(sources.snapshot, "b");
    EXPECT_TRUE(shows(two_successes));
    reload({"b"});
    EXPECT_EQ(sources.removed.totals().successes, 1U);
    EXPECT_TRUE(shows(two_successes));
    reload({"b"}); // nothing uses the first configuration any more
    EXPECT_EQ(sources.removed.totals().successes, 1U);
    EXPECT_TRUE(shows(two_successes));
}

TEST_F(RemovedWebhooksTest, LastCallsOfOneCount)
{
    reload({"a"});
    const Snapshot of_a_call = sources.snapshot;
    succeed(of_a_call, "a");
    reload({});
    succeed(of_a_call, "a");
    EXPECT_TRUE(shows(two_successes));
    reload({});
    EXPECT_TRUE(shows(two_successes));
}

TEST_F(RemovedWebhooksTest, AreAddedOnceEachTimeTheyGo)
{
    reload({"a"});
    succeed(sources.snapshot, "a");
    reload({});
    reload({"a"});
    EXPECT_TRUE(shows(R"(dialhook_decisions_total{branch="success",reason=""} 1)"));
    succeed(sources.snapshot, "a");
    reload({});
    EXPECT_TRUE(shows(two_successes));
}

TEST_F(RemovedWebhooksTest, UnusedOnesAreNotKept)
{
    reload({"a"});
    const std::weak_ptr<const dispatch::WebhookState> state = sources.snapshot->find("a")->state;
    reload({});
    EXPECT_TRUE(state.expired());
}

} // namespace
} // namespace dialhook::status
