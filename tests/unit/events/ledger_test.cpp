#include "events/ledger.hpp"
#include "events/words.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>

namespace dialhook::events {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

const std::chrono::system_clock::time_point now = std::chrono::sys_seconds(1'800'000'000s);

Report report(Kind kind, Facts facts = {}, bool is_implied = false)
{
    return {*CallId::from("call-1"), kind, std::nullopt, std::move(facts), is_implied};
}

Facts from(std::string_view callerid)
{
    Facts facts;
    facts.callerid = *CallText::from(callerid);
    return facts;
}

class Ledger : public testing::Test
{
protected:
    /// The words of the events that a report adds.
    std::vector<std::string> say(const Report& said)
    {
        entered = enter(record, said, now);
        std::vector<std::string> words;
        for (const CallEvent& event : entered.events) {
            EXPECT_EQ(event.seq, ++seq);
            EXPECT_EQ(event.call_id.str(), "call-1");
            words.emplace_back(to_string(event.kind));
        }
        return words;
    }
    std::vector<std::string> say(Kind kind, Facts facts = {}) { return say(report(kind, std::move(facts))); }

    CallRecord record;
    LedgerEntry entered;
    std::uint32_t seq = 0;
};

TEST_F(Ledger, CountsTheEventsOfACall)
{
    EXPECT_THAT(say(Kind::created), ElementsAre("created"));
    EXPECT_THAT(say(Kind::ringing), ElementsAre("ringing"));
    EXPECT_THAT(say(Kind::ringing), ElementsAre("ringing"));
    EXPECT_THAT(say(Kind::answered), ElementsAre("answered"));
    EXPECT_THAT(say(Kind::transferred), ElementsAre("transferred"));
    EXPECT_THAT(say(Kind::ended), ElementsAre("ended"));
    EXPECT_EQ(record.seq, 6U);
}

TEST_F(Ledger, PutsACreatedFirstThatKnowsOnlyWhatACallBeginsWith)
{
    Facts facts = from("+31612345678");
    facts.answered_by = *CallText::from("101");
    facts.targets = {*CallText::from("102")};
    facts.transfer = Transfer::blind;
    facts.reason = EndReason::busy;
    EXPECT_THAT(say(Kind::ended, facts), ElementsAre("created", "ended"));
    EXPECT_EQ(entered.events[0].facts, from("+31612345678"));
    EXPECT_EQ(entered.events[1].facts, facts);
}

TEST_F(Ledger, LearnsFromASecondCreatedAndTellsNothing)
{
    say(Kind::created);
    EXPECT_THAT(say(Kind::created, from("101")), IsEmpty());
    EXPECT_FALSE(entered.is_late);
    say(Kind::ringing);
    EXPECT_EQ(entered.events[0].facts.callerid.str(), "101");
}

TEST_F(Ledger, TakesAQuestionOfTheCallForItsBeginning)
{
    EXPECT_THAT(say(report(Kind::created, from("101"), true)), ElementsAre("created"));
    EXPECT_THAT(say(report(Kind::created, from("102"), true)), IsEmpty());
    EXPECT_EQ(record.facts.callerid.str(), "101");
    EXPECT_THAT(say(Kind::created, from("103")), IsEmpty());
    EXPECT_EQ(record.facts.callerid.str(), "103");
    EXPECT_THAT(say(report(Kind::created, from("104"), true)), IsEmpty());
    EXPECT_EQ(record.facts.callerid.str(), "103");
}

/// A report of the call's own channel, of which nothing was said but its kind.
Report report_of_channel(Kind kind, std::string_view did, std::string_view callerid, std::string_view callername)
{
    Report said = report(kind);
    said.shown.did = *CallText::from(did);
    said.shown.callerid = *CallText::from(callerid);
    said.shown.callername = *CallerName::from(callername);
    said.shown.presentation = Presentation::allowed;
    return said;
}

TEST_F(Ledger, WhatTheChannelShowsFillsGapsAndOverwritesNothing)
{
    Report created = report_of_channel(Kind::created, "trunk1", "+31612345678", "Jan");
    created.facts.did = *CallText::from("+31502102544");
    say(created);
    EXPECT_EQ(entered.events[0].facts.did.str(), "+31502102544");
    EXPECT_EQ(entered.events[0].facts.callerid.str(), "+31612345678");
    EXPECT_EQ(entered.events[0].facts.presentation, Presentation::allowed);
    say(report_of_channel(Kind::ended, "trunk1", "+31502102544", "CRM"));
    EXPECT_EQ(entered.events[0].facts.did.str(), "+31502102544");
    EXPECT_EQ(entered.events[0].facts.callerid.str(), "+31612345678");
    EXPECT_EQ(entered.events[0].facts.callername.str(), "Jan");
}

TEST_F(Ledger, WhatAWebhookLeftOnTheChannelIsNoCaller)
{
    say(report_of_channel(Kind::created, "", "", ""));
    say(report_of_channel(Kind::ended, "+31502102544", "+31502102544", "CRM"));
    EXPECT_EQ(entered.events[0].facts.did.str(), "+31502102544") << "that is a gap";
    EXPECT_EQ(entered.events[0].facts.callerid.str(), "");
    EXPECT_EQ(entered.events[0].facts.callername.str(), "");
}

TEST_F(Ledger, RemembersTheNumberThatTheCallBeganWith)
{
    Facts first;
    first.did = *CallText::from("+31502102544");
    Facts second;
    second.did = *CallText::from("+31201234567");
    say(Kind::created, first);
    EXPECT_EQ(entered.first_did, first.did);
    say(Kind::transferred, second);
    EXPECT_EQ(entered.events[0].facts.did, second.did);
    EXPECT_EQ(entered.first_did, first.did);
    EXPECT_EQ(record.first_did, first.did);
    say(Kind::ended);
    EXPECT_EQ(entered.first_did, first.did);
    EXPECT_EQ(record.first_did, CallText()) << "nothing of a call that has ended is kept";
}

TEST_F(Ledger, ACallMayBeginWithoutANumber)
{
    Facts later;
    later.did = *CallText::from("+31502102544");
    say(Kind::ringing);
    say(Kind::answered, later);
    EXPECT_EQ(entered.first_did, CallText());
}

TEST_F(Ledger, DropsWhatFollowsAnEnd)
{
    say(Kind::ended);
    for (std::size_t kind = 0; kind < kind_count; ++kind) {
        EXPECT_THAT(say(static_cast<Kind>(kind)), IsEmpty());
        EXPECT_TRUE(entered.is_late);
    }
    EXPECT_EQ(record.seq, 2U);
}

TEST_F(Ledger, KnowsWhatWasSaidOnceForFurtherEvents)
{
    Facts first = from("+31612345678");
    first.direction = Direction::inbound;
    first.vars = {{"tenant", "acme"}};
    say(Kind::created, first);
    Facts second;
    second.answered_by = *CallText::from("101");
    second.vars = {{"agent", "7"}, {"tenant", "other"}};
    say(Kind::answered, second);

    Facts known = first;
    known.answered_by = second.answered_by;
    known.vars = second.vars;
    EXPECT_EQ(entered.events[0].facts, known);
    say(Kind::ended);
    known.reason = EndReason::unknown;
    EXPECT_EQ(entered.events[0].facts, known);
    EXPECT_EQ(record.facts, Facts());
}

TEST_F(Ledger, KeepsAReasonForTheEnd)
{
    Facts busy;
    busy.reason = EndReason::busy;
    say(Kind::ringing, busy);
    EXPECT_EQ(entered.events[1].facts.reason, std::nullopt);
    say(Kind::ended);
    EXPECT_EQ(entered.events[0].facts.reason, EndReason::unknown);
}

TEST_F(Ledger, ASilentCallEndsForAnUnknownReason)
{
    say(Kind::answered, from("101"));
    const CallEvent ended = end_in_silence(record, *CallId::from("call-1"), now + 4h);
    EXPECT_EQ(ended.seq, 3U);
    EXPECT_EQ(ended.kind, Kind::ended);
    EXPECT_EQ(ended.at, now + 4h);
    EXPECT_EQ(ended.facts.reason, EndReason::unknown);
    EXPECT_EQ(ended.facts.callerid.str(), "101");
    EXPECT_THAT(say(Kind::ended), IsEmpty());
    EXPECT_TRUE(entered.is_late);
}

TEST_F(Ledger, TakesTheTimeThatTheEngineSays)
{
    Report said = report(Kind::ringing);
    said.at = now - 1min;
    say(said);
    EXPECT_EQ(entered.events[0].at, now - 1min);
    EXPECT_EQ(entered.events[1].at, now - 1min);
    say(Kind::answered);
    EXPECT_EQ(entered.events[0].at, now);
}

TEST_F(Ledger, KeepsNoMoreVarsAndTargetsThanACallMayHave)
{
    Facts facts;
    facts.targets.assign(max_targets + 1, *CallText::from("101"));
    for (std::size_t count = 0; count < max_call_vars; ++count)
        set_var(facts.vars, "a" + std::to_string(count), "1");
    say(Kind::ringing, facts);
    EXPECT_EQ(record.facts.targets.size(), max_targets);
    Facts more;
    more.vars = {{"a0", "2"}, {"another", "1"}};
    say(Kind::ringing, more);
    EXPECT_EQ(record.facts.vars.size(), max_call_vars);
    EXPECT_EQ(record.facts.vars.front(), (CallVar{"a0", "2"}));
}

/// Whatever an engine says, in any order.
TEST_F(Ledger, TellsOneCreatedFirstAndAtMostOneEndedLast)
{
    std::mt19937 random(3);
    for (int call = 0; call < 2000; ++call) {
        record = {};
        seq = 0;
        std::vector<std::string> told;
        for (int said = 0; said < 12; ++said) {
            const auto kind = static_cast<Kind>(random() % kind_count);
            for (auto& word : say(report(kind, {}, kind == Kind::created && random() % 2 == 0)))
                told.push_back(std::move(word));
        }
        ASSERT_EQ(std::count(told.begin(), told.end(), "created"), 1);
        ASSERT_EQ(told.front(), "created");
        ASSERT_EQ(std::count(told.begin(), told.end(), "ended"), record.has_ended ? 1 : 0);
        ASSERT_TRUE(!record.has_ended || told.back() == "ended");
    }
}

} // namespace
} // namespace dialhook::events
