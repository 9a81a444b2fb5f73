#include "spool/database.hpp"
#include "spool/stored_json.hpp"
#include "spool_fixture.hpp"

#include <gmock/gmock.h>

namespace dialhook::spool {
namespace {

using events::Kind;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

const SystemTime now = std::chrono::sys_seconds(1'800'000'000s);

events::CallId id(std::string_view text)
{
    return *events::CallId::from(text);
}

class DatabaseTest : public testing::Test
{
protected:
    std::int64_t add(std::string_view call_id, const DeliveryTarget& target = {"crm", "http://crm.lan/"})
    {
        const auto content = database.add_content(events::CallEvent{id(call_id), 1, Kind::created, now, {}});
        return database.add_delivery(content, target, now, now + 24h);
    }

    Database database{":memory:"};
};

TEST_F(DatabaseTest, KeepsCalls)
{
    EXPECT_FALSE(database.call(id("1")));
    events::CallRecord record{{}, 3, false};
    record.facts.did = *CallText::from("101");
    database.put(id("1"), record, now);
    EXPECT_EQ(database.call(id("1")), record);
    for (const char* first : {"101", "102"}) {
        record.first_did = *CallText::from(first);
        database.put(id("1"), record, now);
        EXPECT_EQ(database.call(id("1")), record) << first;
        EXPECT_EQ(database.silent(now + 1s, 1)[0].second, record) << first;
    }
    record.has_ended = true;
    database.put(id("1"), record, now);
    EXPECT_EQ(database.call(id("1")), record);
}

TEST_F(DatabaseTest, ACallOfAnOlderVersionBeganWithTheNumberThatItHas)
{
    database.connection().run("INSERT INTO calls VALUES ('1', 1, 0, 0, '{\"did\":\"101\"}')");
    EXPECT_EQ(database.call(id("1"))->first_did.str(), "101");
}

TEST_F(DatabaseTest, FindsCallsThatFellSilent)
{
    database.put(id("1"), {{}, 1, false}, now);
    database.put(id("2"), {{}, 1, true}, now);
    database.put(id("3"), {{}, 1, false}, now + 1s);
    EXPECT_THAT(database.silent(now, 10), IsEmpty());
    EXPECT_THAT(database.silent(now + 1s, 10), SizeIs(1));
    EXPECT_THAT(database.silent(now + 2s, 10), SizeIs(2));
    EXPECT_THAT(database.silent(now + 2s, 1), SizeIs(1));
    EXPECT_EQ(database.silent(now + 1s, 10)[0].first, id("1"));
    EXPECT_EQ(database.forget_ended_calls(now, 10), 0U);
    EXPECT_EQ(database.forget_ended_calls(now + 1s, 10), 1U);
    EXPECT_FALSE(database.call(id("2")));
}

TEST_F(DatabaseTest, FollowsTheClock)
{
    database.put(id("1"), {{}, 1, false}, now);
    const auto delivery = add("1");
    database.move_times(1h);
    EXPECT_THAT(database.silent(now + 1h, 10), IsEmpty());
    EXPECT_THAT(database.silent(now + 1h + 1s, 10), SizeIs(1));
    EXPECT_EQ(database.find(delivery)->expires_at, now + 25h);
    EXPECT_EQ(database.find(delivery)->reported_at, now + 1h);
    database.hear_no_later_than(now);
    EXPECT_THAT(database.silent(now + 1s, 10), SizeIs(1));
    EXPECT_THAT(database.silent(now, 10), IsEmpty());
}

TEST_F(DatabaseTest, ForgetsAContentWithItsLastDelivery)
{
    const auto content = database.add_content(events::CallEvent{id("1"), 1, Kind::created, now, {}});
    const auto first = database.add_delivery(content, {"crm", "a"}, now, now + 1h);
    const auto second = database.add_delivery(content, {"crm", "b"}, now, now + 1h);
    database.write({first, Database::State::delivered, 1, now, 200, {}});
    database.write({second, Database::State::expired, std::nullopt, now + 1s, std::nullopt, {}});
    const auto contents = [&] { return database.connection().number("SELECT count(*) FROM contents"); };
    EXPECT_EQ(database.forget_finished(now + 1s, 10), 1U);
    EXPECT_FALSE(database.find(first));
    EXPECT_EQ(contents(), 1);
    EXPECT_EQ(database.forget_oldest_finished(10), 1U);
    EXPECT_EQ(contents(), 0);
}

TEST_F(DatabaseTest, ForgetsNothingThatWaits)
{
    add("1");
    EXPECT_EQ(database.forget_oldest_finished(10), 0U);
    EXPECT_THAT(database.deliveries({}), SizeIs(1));
}

TEST_F(DatabaseTest, AnExpiryKeepsWhatIsKnownOfTheLastAttempt)
{
    const auto delivery = add("1");
    database.write({delivery, Database::State::waiting, 2, now + 5s, 503, "HTTP 503"});
    database.write({delivery, Database::State::expired, std::nullopt, now + 1h, std::nullopt, {}});
    const auto found = database.deliveries({}).at(0);
    EXPECT_EQ(found.state, "expired");
    EXPECT_EQ(found.attempts, 2U);
    EXPECT_EQ(found.http_status, 503);
    EXPECT_EQ(found.detail, "HTTP 503");
}

TEST_F(DatabaseTest, WhatWasGivenUpLatelyIsOfLatelyHoweverLongAgoItWasReported)
{
    const auto lost = add("1");
    add("2"); // waits
    const auto found_since = [&](SystemTime since) {
        std::vector<std::string> calls;
        for (const Delivery& found :
             database.deliveries({.failed_only = false, .call_id = {}, .since = since, .limit = 9}))
            calls.push_back(found.call_id);
        return calls;
    };
    EXPECT_THAT(found_since(now), ElementsAre("2", "1"));
    EXPECT_THAT(found_since(now + 23h), IsEmpty());
    database.write({lost, Database::State::expired, std::nullopt, now + 24h, std::nullopt, {}});
    EXPECT_THAT(found_since(now + 23h), ElementsAre("1"));
    EXPECT_THAT(found_since(now + 24h + 1s), IsEmpty());
}

TEST_F(DatabaseTest, WhatWaitsMayExpireSooner)
{
    const auto first = add("1");
    const auto other = add("2", {"other", "http://other.lan/"});
    const auto again = add("3");
    database.renew(again, {"crm", "http://crm.lan/"}, now + 23h, now + 47h);
    const auto finished = add("4");
    database.write({finished, Database::State::delivered, 1, now, 200, {}});
    database.shorten({"crm", Kind::ringing, 24h, 1h});
    EXPECT_EQ(database.find(first)->expires_at, now + 24h);
    database.shorten({"crm", Kind::created, 24h, 2h});
    EXPECT_EQ(database.find(first)->expires_at, now + 2h);
    EXPECT_EQ(database.find(other)->expires_at, now + 24h);
    EXPECT_EQ(database.find(again)->expires_at, now + 25h) << "it waits since it was sent once more";
    EXPECT_EQ(database.find(finished)->expires_at, now + 24h);
    database.shorten({"crm", Kind::created, 24h, 12h});
    EXPECT_EQ(database.find(first)->expires_at, now + 2h);
}

TEST_F(DatabaseTest, WhatWaitsMovesToAnotherTarget)
{
    const DeliveryTarget to{"crm", "http://new.lan/"};
    const auto waits = add("1");
    const auto other = add("2", {"other", "http://other.lan/"});
    const auto finished = add("3");
    database.write({waits, Database::State::waiting, 1, now + 1h, 500, {}});
    database.write({finished, Database::State::delivered, 1, now, 200, {}});
    database.move_waiting({"crm", "http://crm.lan/"}, to, now + 1s);
    EXPECT_EQ(database.find(waits)->target, to);
    EXPECT_EQ(database.find(waits)->next_at, now + 1s);
    EXPECT_EQ(database.find(waits)->attempts, 1U);
    EXPECT_EQ(database.find(other)->target.name, "other");
    EXPECT_EQ(database.find(finished)->target.url, "http://crm.lan/");
}

TEST_F(DatabaseTest, WhatIsSentOnceMoreMayGoToAnotherTarget)
{
    const DeliveryTarget to{"crm", "http://new.lan/"};
    const auto finished = add("1");
    database.write({finished, Database::State::delivered, 3, now, 200, {}});
    database.renew(finished, to, now + 1s, now + 2h);
    const auto found = database.find(finished);
    EXPECT_EQ(found->target, to);
    EXPECT_EQ(found->attempts, 0U);
    EXPECT_EQ(found->next_at, now + 1s);
    EXPECT_EQ(found->expires_at, now + 2h);
    EXPECT_EQ(database.waiting_count(), 1);
}

class DatabaseMaskTest : public DatabaseTest
{
protected:
    /// The deliveries of one event to as many targets.
    std::vector<std::int64_t> add_to(int targets)
    {
        events::Facts facts;
        facts.callerid = *CallText::from("+31612345678");
        const auto content = database.add_content(events::CallEvent{id("1"), 1, Kind::created, now, facts});
        std::vector<std::int64_t> deliveries;
        for (int target = 0; target < targets; ++target)
            deliveries.push_back(database.add_delivery(content, {"crm", std::to_string(target)}, now, now + 24h));
        return deliveries;
    }

    void finish(std::int64_t delivery, Database::State state)
    {
        database.write({delivery, state, std::nullopt, now, std::nullopt, {}});
    }
};

TEST_F(DatabaseMaskTest, WhatOneGotIsMaskedOnceNobodyWaitsForIt)
{
    for (const auto given_up : {Database::State::delivered, Database::State::expired, Database::State::dropped}) {
        const auto deliveries = add_to(2);
        finish(deliveries[0], Database::State::delivered);
        database.mask(deliveries[0]);
        EXPECT_FALSE(database.is_masked(deliveries[0])) << "the other one waits";
        finish(deliveries[1], given_up);
        database.mask(deliveries[1]);
        EXPECT_TRUE(database.is_masked(deliveries[0]));
    }
}

TEST_F(DatabaseMaskTest, WhatNobodyGotIsNotMasked)
{
    const auto deliveries = add_to(2);
    finish(deliveries[0], Database::State::expired);
    finish(deliveries[1], Database::State::dropped);
    database.mask(deliveries[1]);
    database.mask_delivered(0, 10);
    EXPECT_FALSE(database.is_masked(deliveries[0]));
}

TEST_F(DatabaseMaskTest, WhatWasDeliveredIsMaskedInPortions)
{
    const auto waits = add_to(1);
    const auto first = add_to(1);
    const auto second = add_to(2);
    finish(first[0], Database::State::delivered);
    finish(second[0], Database::State::delivered);
    finish(second[1], Database::State::expired);
    const auto after = database.mask_delivered(0, 2);
    ASSERT_TRUE(after);
    EXPECT_TRUE(database.is_masked(first[0]));
    EXPECT_FALSE(database.is_masked(second[0]));
    EXPECT_FALSE(database.mask_delivered(*after, 2));
    EXPECT_TRUE(database.is_masked(second[0]));
    EXPECT_FALSE(database.is_masked(waits[0]));
}

TEST_F(DatabaseTest, NeverUsesAnIdAgain)
{
    const auto first = add("1");
    database.write({first, Database::State::delivered, 1, now, 200, {}});
    database.forget_oldest_finished(10);
    EXPECT_GT(add("2"), first);
}

TEST_F(DatabaseTest, ATransactionThatIsNotCommittedLeavesNothing)
{
    {
        const sqlite::Transaction transaction(database.connection());
        add("1", {"other", "http://other.lan/"});
        database.put(id("1"), {{}, 1, false}, now);
    }
    EXPECT_THAT(database.deliveries({}), IsEmpty());
    EXPECT_FALSE(database.call(id("1")));
    EXPECT_EQ(database.find(add("2", {"other", "http://other.lan/"}))->target.name, "other");
}

TEST(StoredJson, IsReadBack)
{
    events::Facts facts;
    EXPECT_EQ(stored(facts), "{}");
    EXPECT_EQ(facts_of("{}"), facts);
    facts.direction = events::Direction::internal;
    facts.did = *CallText::from("101");
    facts.callerid = *CallText::from("\x01\"\\\u20ac");
    facts.callername = *CallerName::from(std::string(1024, 'n'));
    facts.presentation = Presentation::prohibited;
    facts.targets = {*CallText::from(""), *CallText::from("102")};
    facts.answered_by = *CallText::from("103");
    facts.transferred_by = *CallText::from("104");
    facts.transfer = events::Transfer::blind;
    facts.reason = events::EndReason::no_answer;
    facts.vars = {{"a", ""}, {"b", "2"}};
    EXPECT_EQ(facts_of(stored(facts)), facts);
}

TEST(StoredJson, OfAnotherFormIsNone)
{
    for (const auto text : {"", "{", "[]", "7", R"({"did":7})", R"({"direction":"up"})", R"({"targets":"101"})",
                            R"({"targets":[7]})", R"({"vars":[]})", R"({"vars":{"a":7}})", "{\"did\":\"\xFF\"}"})
        EXPECT_FALSE(facts_of(text)) << text;
    EXPECT_FALSE(facts_of(R"({"did":")" + std::string(257, '1') + R"("})"));
    for (const auto text :
         {"", "{}", R"({"did":""})", R"({"did":"101","trace_high":-1})", R"({"did":"101","callerid":7})"})
        EXPECT_FALSE(call_of(text)) << text;
    EXPECT_TRUE(facts_of(R"({"did":"101","of_a_newer_version":[1]})"));
    EXPECT_TRUE(call_of(R"({"did":"101"})"));
}

TEST(StoredJson, ReplacesWhatIsNotUtf8)
{
    events::Facts facts;
    facts.vars = {{"a", "\xFF"}};
    EXPECT_EQ(facts_of(stored(facts))->vars, (CallVars{{"a", "\uFFFD"}}));
}

TEST(StoredJson, MasksNumbersNamesAndVars)
{
    events::Facts facts;
    facts.direction = events::Direction::inbound;
    facts.did = facts.callerid = facts.answered_by = facts.transferred_by = *CallText::from("101");
    facts.callername = *CallerName::from("J\u00f6rg");
    facts.targets = {*CallText::from("102"), *CallText::from("103")};
    facts.vars = {{"tenant", "acme"}};
    EXPECT_EQ(masked(stored(facts)),
              R"({"answered_by":"***","callerid":"***","callername":"***","did":"***","direction":"inbound",)"
              R"("targets":["***","***"],"transferred_by":"***","vars":{"tenant":"***"}})");
    EXPECT_EQ(masked("nonsense"), "{}");
    EXPECT_FALSE(is_masked(stored(facts)));
    EXPECT_TRUE(is_masked(masked(stored(facts))));
    EXPECT_FALSE(is_masked(masked("{}")));
    facts.callerid = *CallText::from("***");
    EXPECT_FALSE(is_masked(stored(facts)));
}

} // namespace
} // namespace dialhook::spool
