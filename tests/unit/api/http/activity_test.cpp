#include "api/http/activity.hpp"
#include "api/http/reports.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace dialhook::status {
namespace {

using namespace std::chrono_literals;
using Order = Activity::Order;

/// Webhooks that are called without a network, and a clock that is driven by hand.
class ActivityTest : public testing::Test
{
protected:
    void configure(const std::vector<std::string>& names)
    {
        config::Configuration configuration;
        for (const std::string& name : names)
            configuration.webhooks.push_back({.name = *WebhookName::from(name),
                                              .url = *UrlTemplate::parse("http://crm.lan/"),
                                              .description = "that of " + name,
                                              .headers = {},
                                              .tls = {},
                                              .destinations = {}});
        net::TlsContexts contexts;
        sources.snapshot = dispatch::Snapshot::make(std::move(configuration), contexts, sources.snapshot.get());
        sources.workers = {{&metrics, &connections, &decisions}};
    }

    void decide(std::string_view name, const Decision& decision, int times = 1)
    {
        const dispatch::ResolvedWebhook& resolved = *sources.snapshot->find(name);
        for (int call = 0; call < times; ++call) {
            if (decision.reason())
                resolved.state->last_failure.take(decision, resolved.state->metrics);
            resolved.state->metrics.of({0, 1}).count(decision);
        }
    }

    void succeed(std::string_view name, int times = 1) { decide(name, Decision::success(), times); }
    void fail(std::string_view name, Reason reason = Reason::connect, int times = 1)
    {
        decide(name, Decision::failure(reason), times);
    }

    void pass(std::chrono::seconds time)
    {
        for (now += 1s; time > 0s; time -= 1s, now += 1s)
            activity.update(sources, now);
        now -= 1s;
    }

    std::vector<std::string> names(Order order = Order::trouble, std::size_t limit = 100,
                                   std::string_view selected = {}) const
    {
        std::vector<std::string> names;
        for (const auto& row : activity.rows(sources, {.selected = selected, .order = order, .limit = limit}))
            names.push_back(row["name"]);
        return names;
    }

    nlohmann::ordered_json row(std::string_view name) const
    {
        return activity.rows(sources, {.filter = name, .limit = 1, .points = 60}).front();
    }

    using Names = std::vector<std::string>;

    dispatch::ThreadMetrics metrics;
    net::ConnectionCounts connections;
    dispatch::DecisionRing decisions;
    Sources sources;
    Activity activity;
    net::TimePoint now{net::TimePoint() + 100s};
};

TEST_F(ActivityTest, KnowsNothingOfTheTimeBeforeTheFirstLook)
{
    configure({"crm"});
    succeed("crm", 7);
    activity.update(sources, now);
    EXPECT_EQ(activity.window(), 0U);
    EXPECT_EQ(activity.all().calls, 0U);
    EXPECT_EQ(row("crm")["points"].size(), 0U);
    succeed("crm", 3);
    pass(1s);
    EXPECT_EQ(activity.window(), 1U);
    EXPECT_EQ(activity.all().calls, 3U);
    EXPECT_EQ(row("crm")["points"].size(), 1U);
    EXPECT_EQ(row("crm")["total"]["success"], 10);
}

TEST_F(ActivityTest, ANakIsDeclinedAndNoFailure)
{
    configure({"crm", "dead", "shut"});
    activity.update(sources, now);
    fail("crm", Reason::nak, 5);
    fail("dead", Reason::connect, 2);
    fail("shut", Reason::shutdown, 3);
    pass(1s);
    EXPECT_EQ(names(), (Names{"dead", "crm", "shut"}));
    EXPECT_EQ(row("crm")["is_failing"], false);
    EXPECT_EQ(row("crm")["declined"], 5);
    EXPECT_EQ(row("crm")["points"][0], nlohmann::ordered_json::parse("[5,5,null,null,5]"));
    EXPECT_EQ(row("dead")["is_failing"], true);
    EXPECT_EQ(row("dead")["declined"], 0);
    EXPECT_EQ(row("shut")["is_failing"], false);
    EXPECT_EQ(activity.all().failures, 10U);
    EXPECT_EQ(activity.all().declined, 8U);
}

TEST_F(ActivityTest, WhatFailsComesFirstHoweverRarelyItIsCalled)
{
    configure({"always", "busy", "once", "recovered", "silent", "some", "twice"});
    succeed("busy", 1000);
    succeed("once", 10);
    succeed("recovered", 10);
    succeed("twice", 10);
    fail("always");
    fail("once");
    fail("recovered", Reason::timeout, 20);
    succeed("recovered");
    fail("twice", Reason::timeout, 2);
    activity.update(sources, now);
    succeed("busy", 1000);
    succeed("some", 20);
    for (int call = 0; call < 4; ++call) {
        fail("some");
        succeed("some");
    }
    pass(1s);
    EXPECT_EQ(names(), (Names{"some", "always", "twice", "busy", "once", "recovered", "silent"}));
    EXPECT_EQ(names(Order::name), (Names{"always", "busy", "once", "recovered", "silent", "some", "twice"}));
    EXPECT_EQ(names(Order::calls).front(), "busy");
    EXPECT_EQ(names(Order::success).front(), "some");
    EXPECT_EQ(names(Order::trouble, 2, "silent"), (Names{"some", "always", "silent"})) << "the open one is told of";
    EXPECT_EQ(names(Order::trouble, 2, "always"), (Names{"some", "always"}));
    EXPECT_EQ(names(Order::trouble, 2, "removed"), (Names{"some", "always"}));
}

TEST_F(ActivityTest, FollowsThoseThatFailBeforeTheOthers)
{
    Names all;
    for (int number = 10'000; number < 13'000; ++number)
        all.push_back("customer " + std::to_string(number));
    all.emplace_back("zz");
    configure(all);
    for (const std::string& name : all)
        name == "zz" ? fail(name) : succeed(name);
    activity.update(sources, now);
    fail("zz", Reason::dns, 4);
    pass(1s);
    EXPECT_EQ(names().front(), "zz");
    EXPECT_EQ(row("zz")["calls"], 4);
    EXPECT_EQ(row("zz")["last_failure"]["in_a_row"], 5);
    EXPECT_EQ(row("zz")["description"], "that of zz");
}

TEST_F(ActivityTest, CountsRefusedRequestsOfTheWindow)
{
    configure({"crm"});
    metrics.engine_errors.count(-32001);
    activity.update(sources, now);
    EXPECT_EQ(activity.refused(), 0U);
    metrics.engine_errors.count(-32001);
    metrics.engine_errors.count(-32602);
    pass(1s);
    EXPECT_EQ(activity.refused(), 2U);
    pass(61s);
    EXPECT_EQ(activity.refused(), 0U);
}

TEST_F(ActivityTest, ThePageIsToldOfTheWebhookThatIsOpenAndOfItsEnd)
{
    configure({"crm", "roster"});
    PageView view = read_view("webhook=crm&order=name&filter=");
    EXPECT_EQ(view.order, Order::name);
    EXPECT_EQ(read_view("order=nonsense").order, Order::trouble);
    activity.update(sources, now);
    EXPECT_EQ(nlohmann::json::parse(page_report(sources, activity, view))["is_known"], true);
    configure({"roster"});
    const auto report = nlohmann::json::parse(page_report(sources, activity, view));
    EXPECT_EQ(report["is_known"], false);
    EXPECT_EQ(report["webhooks"].size(), 1U);
}

} // namespace
} // namespace dialhook::status
