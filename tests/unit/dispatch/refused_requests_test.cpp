#include "dispatch/refused_requests.hpp"
#include "dispatch/snapshot.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace dialhook::dispatch {
namespace {

using namespace std::chrono_literals;
using Clock = RefusedRequests::Clock;

Webhook webhook(std::string_view name)
{
    return {.name = *WebhookName::from(name),
            .url = *UrlTemplate::parse("http://crm.lan/"),
            .description = {},
            .headers = {},
            .tls = {},
            .destinations = {}};
}

/// Names are in their order, as a configuration has them.
std::shared_ptr<const Snapshot> snapshot_of(const std::vector<std::string>& names,
                                            const std::vector<std::string>& numbers = {})
{
    net::TlsContexts contexts;
    config::Configuration configuration;
    for (const std::string& name : names)
        configuration.webhooks.push_back(webhook(name));
    SharedList<dialplan::Dialplan> plans;
    for (const std::string& number : numbers)
        plans.push_back({.key = number, .steps = {}, .webhook = {}});
    configuration.dialplans =
        dialplan::NumberPlan(std::move(plans), Numbers{.country = {}, .trunk = {}, .international = "00"});
    return Snapshot::make(std::move(configuration), contexts, nullptr);
}

Refused unknown_webhook(const std::string& name)
{
    Refused refused;
    refused.code = -32001;
    refused.why = "there is no webhook \"" + name + '"';
    refused.named = Refused::Named::webhook;
    refused.name = name;
    refused.webhook = name;
    return refused;
}

Refused unknown_number(const std::string& did)
{
    Refused refused;
    refused.code = -32002;
    refused.why = "there is no dialplan for the did \"" + did + '"';
    refused.named = Refused::Named::did;
    refused.name = did;
    refused.did = did;
    return refused;
}

class RefusedRequestsTest : public testing::Test
{
protected:
    RefusedRequests::Place count(const Refused& refused, std::chrono::seconds later = 0s)
    {
        return requests.count(refused, snapshot, Clock::time_point() + later);
    }

    /// Zero: it has no place of its own.
    std::uint64_t count_of(const std::string& name) const
    {
        for (const auto& entry : requests.entries())
            if (!entry.are_others && entry.last.name == name)
                return entry.count;
        return 0;
    }

    std::uint64_t others() const
    {
        std::uint64_t count = 0;
        for (const auto& entry : requests.entries())
            count += entry.are_others ? entry.count : 0;
        return count;
    }

    std::shared_ptr<const Snapshot> snapshot = snapshot_of({"CRM connection", "crm", "roster"});
    RefusedRequests requests;
};

TEST_F(RefusedRequestsTest, AreSummedUpByName)
{
    for (int call = 0; call < 3; ++call)
        EXPECT_EQ(count(unknown_webhook("crmm")).nearest, "crm");
    EXPECT_EQ(count(unknown_webhook("rooster")).nearest, "roster");
    EXPECT_EQ(count(unknown_webhook("crm connection")).nearest, "CRM connection");
    EXPECT_EQ(count(unknown_webhook("something else")).nearest, "");
    EXPECT_EQ(count_of("crmm"), 3U);
    EXPECT_EQ(count_of("rooster"), 1U);
    EXPECT_EQ(requests.entries().size(), 4U);
}

TEST_F(RefusedRequestsTest, OneNameInTwoCodesIsTwo)
{
    count(unknown_webhook("1"));
    count(unknown_number("1"));
    EXPECT_EQ(requests.entries().size(), 2U);
}

TEST_F(RefusedRequestsTest, DifferentFaultsInRequestsForOneNameAreTold)
{
    Refused refused = unknown_webhook("crm");
    refused.code = -32602;
    refused.why = "did must be a string";
    count(refused);
    refused.why = "callerid must be a string";
    count(refused);
    count(refused);
    EXPECT_EQ(requests.entries().size(), 2U);
}

TEST_F(RefusedRequestsTest, AreBoundedHoweverManyNamesAreMadeUp)
{
    for (int name = 0; name < 10'000; ++name)
        count(unknown_webhook("made up " + std::to_string(name)));
    EXPECT_EQ(requests.entries().size(), RefusedRequests::max_names + 1);
    EXPECT_EQ(others(), 10'000U - RefusedRequests::max_names);
    EXPECT_FALSE(count(unknown_webhook("one more")).is_own);
    EXPECT_TRUE(count(unknown_webhook("made up 0")).is_own);
    EXPECT_EQ(count_of("made up 0"), 2U);
}

TEST_F(RefusedRequestsTest, ANameThatIsAskedForAgainAndAgainKeepsItsPlace)
{
    for (int call = 0; call < 5; ++call)
        count(unknown_webhook("crmm"));
    for (std::size_t name = 1; name < RefusedRequests::max_names; ++name)
        count(unknown_webhook("made up " + std::to_string(name)));
    for (int name = 0; name < 1000; ++name)
        EXPECT_TRUE(
            count(unknown_webhook("later " + std::to_string(name)), (name + 2) * RefusedRequests::period).is_own)
            << "those that nobody asks for any more make room";
    EXPECT_EQ(count_of("crmm"), 5U);
    EXPECT_EQ(count_of("later 999"), 1U);
}

TEST_F(RefusedRequestsTest, TheNearestNameIsThatOfTheConfigurationInUse)
{
    EXPECT_EQ(count(unknown_webhook("sales1")).nearest, "");
    snapshot = snapshot_of({"sales"});
    EXPECT_EQ(count(unknown_webhook("sales1")).nearest, "sales");
}

TEST_F(RefusedRequestsTest, TheNearestAmongManyIsFoundNearItInTheirOrder)
{
    std::vector<std::string> names;
    for (int number = 10'000; number < 60'000; ++number)
        names.push_back("a customer with a long name, number " + std::to_string(number));
    for (std::string& name : names)
        std::erase(name, ',');
    names.emplace_back("zebra");
    snapshot = snapshot_of(names);
    EXPECT_EQ(count(unknown_webhook("zebar")).nearest, "zebra");
    EXPECT_EQ(count(unknown_webhook("ZEBRA")).nearest, "zebra");
    EXPECT_EQ(count(unknown_webhook("a customer with a long name number 31234x")).nearest,
              "a customer with a long name number 31234");
}

TEST_F(RefusedRequestsTest, ANumberInAnotherSpellingOrWithOneMistakeHasANearestOne)
{
    snapshot = snapshot_of({}, {"+31502102544", "0611223344", "101", "alice"});
    for (const auto* const did : {"31502102544", "+3150210254", "+31502102545", "+31502012544", "+331502102544"})
        EXPECT_EQ(count(unknown_number(did)).nearest, "+31502102544") << did;
    EXPECT_EQ(count(unknown_number("102")).nearest, "101");
    EXPECT_EQ(count(unknown_number("alcie")).nearest, "alice");
    for (const auto* const did : {"+4930123456", "9", "", "+3150210", "bob"})
        EXPECT_EQ(count(unknown_number(did)).nearest, "") << did;
}

TEST(RefusedRequest, IsMaskedWithoutANumberInIt)
{
    Refused refused = unknown_number("101");
    refused.call_id = "1700000000.42";
    const Refused shown = refused.masked();
    EXPECT_EQ(shown.name, "***");
    EXPECT_EQ(shown.did, "***");
    EXPECT_EQ(shown.why, "there is no dialplan for the did \"***\"");
    EXPECT_EQ(shown.call_id, "1700000000.42");

    for (const auto& [name, expected] : {std::pair("+31612345678", "+***"), std::pair("customer 12", "customer 12"),
                                         std::pair("sip:+31612345678@pbx", "sip:+***@pbx"),
                                         std::pair("+31 6 1234-5678 x", "+*** x"), std::pair("crm", "crm")})
    {
        EXPECT_EQ(unknown_webhook(name).masked().name, expected);
        EXPECT_EQ(unknown_webhook(name).masked().webhook, expected);
        EXPECT_EQ(unknown_webhook(name).masked().why, "there is no webhook \"" + std::string(expected) + '"');
    }
}

TEST(RefusedRequest, CutsNamesAtACharacter)
{
    EXPECT_EQ(Refused::cut("crm"), "crm");
    EXPECT_EQ(Refused::cut(std::string(64, 'a')), std::string(64, 'a'));
    EXPECT_EQ(Refused::cut(std::string(65, 'a')), std::string(64, 'a') + "...");
    EXPECT_EQ(Refused::cut(std::string(63, 'a') + "é"), std::string(63, 'a') + "...");
}

} // namespace
} // namespace dialhook::dispatch
