#include "spool/sqlite.hpp"
#include "spool_fixture.hpp"

#include <gmock/gmock.h>

#include <set>
#include <thread>

namespace dialhook::spool {
namespace {

using events::Kind;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

events::Facts from(std::string_view callerid)
{
    events::Facts facts;
    facts.callerid = *CallText::from(callerid);
    return facts;
}

/// Of a file that no spool has open.
std::string first_body(const std::filesystem::path& file)
{
    return sqlite::Connection(file.string()).text("SELECT body FROM contents ORDER BY id LIMIT 1");
}

TEST_F(SpoolTest, CarriesAnEventWithAllThatIsKnown)
{
    open_and_start();
    const auto before = std::chrono::system_clock::now();
    auto facts = from("+31612345678");
    facts.did = *CallText::from("+31502102544");
    facts.direction = events::Direction::inbound;
    facts.presentation = Presentation::prohibited;
    facts.targets = {*CallText::from("101"), *CallText::from("J\u00f6rg \"x\"\n")};
    facts.vars = {{"tenant", "acme"}};
    EXPECT_EQ(say("call-1", Kind::ringing, facts), Stored::stored);
    EXPECT_EQ(shown(hands.next()), "call-1 created 1");
    spool->conclude(1, delivered());
    const Parcel ringing = hands.next();
    const auto& event = std::get<events::CallEvent>(ringing.content);
    EXPECT_EQ(shown(ringing), "call-1 ringing 2");
    EXPECT_EQ(event.facts, facts);
    EXPECT_EQ(ringing.attempt, 1U);
    EXPECT_EQ(ringing.target, (DeliveryTarget{"crm", "http://crm.lan/calls"}));
    EXPECT_GE(ringing.reported_at, before - 1ms);
    EXPECT_EQ(ringing.expires_at, ringing.reported_at + 1min);
    EXPECT_TRUE(spool->counts().is_durable);
    EXPECT_GT(spool->counts().bytes, 0U);
}

TEST_F(SpoolTest, AnswersReportsOfACallThatHasEndedAndCountsThem)
{
    open();
    EXPECT_EQ(say("call-1", Kind::ended), Stored::stored);
    EXPECT_EQ(say("call-1", Kind::ringing), Stored::dropped);
    EXPECT_EQ(spool->counts().late_reports, 1U);
    EXPECT_EQ(say("call-1", Kind::ended), Stored::dropped);
    auto implied = report("call-1", Kind::created);
    implied.is_implied = true;
    EXPECT_EQ(say(implied).first, Stored::stored); // a question says nothing that could be late
    EXPECT_EQ(spool->counts().late_reports, 2U);
    EXPECT_EQ(counts_of("crm").waiting, 2U);
}

TEST_F(SpoolTest, KeepsTheOrderOfACallOverRetries)
{
    open_and_start();
    say("call-1", Kind::created);
    say("call-1", Kind::answered);
    say("call-2", Kind::created);
    auto first = hands.next();
    EXPECT_EQ(shown(first), "call-1 created 1");
    EXPECT_EQ(shown(hands.next()), "call-2 created 1");
    spool->conclude(first.id, failed(500, "HTTP 500"));
    settle();
    EXPECT_EQ(counts_of("crm").failed, 1U);
    EXPECT_EQ(counts_of("crm").last_error, "HTTP 500");
    const auto again = hands.next(); // a second later
    EXPECT_EQ(shown(again), "call-1 created 1");
    EXPECT_EQ(again.attempt, 2U);
    EXPECT_EQ(again.webhook_id, first.webhook_id);
    EXPECT_NE(again.id, first.id);
    spool->conclude(again.id, delivered());
    EXPECT_EQ(shown(hands.next()), "call-1 answered 2");
    settle();
    EXPECT_EQ(counts_of("crm").delivered, 1U);
    EXPECT_EQ(counts_of("crm").by_event[0].delivered, 1U);
    EXPECT_EQ(counts_of("crm").by_event[0].failed, 1U);
    EXPECT_EQ(counts_of("crm").waiting, 2U);
    EXPECT_EQ(counts_of("crm").last_error, "");
}

TEST_F(SpoolTest, SendsToEachUrlOfEachNotificationThatWantsIt)
{
    auto crm = notification("crm", "http://crm.lan/calls");
    crm.urls.emplace_back(*UrlTemplate::parse("http://other.lan/calls"));
    crm.urls.emplace_back(*UrlTemplate::parse("http://crm.lan/calls")); // twice the same
    auto ends = notification("ends", "http://ends.lan/");
    ends.events.reset().set(static_cast<std::size_t>(Kind::ended));
    auto elsewhere = notification("elsewhere", "http://elsewhere.lan/");
    elsewhere.dids = {"+3120*"};
    settings.notifications = notifications({crm, elsewhere, ends});
    settings.numbers = {"31", "0", "00"};
    open_and_start();
    auto facts = from("101");
    facts.did = *CallText::from("0502102544");
    say("call-1", Kind::created, facts);
    std::set<std::string> urls;
    for (const auto& parcel : hands.next(2)) {
        urls.insert(parcel.target.url);
        spool->conclude(parcel.id, delivered());
    }
    EXPECT_EQ(urls, (std::set<std::string>{"http://crm.lan/calls", "http://other.lan/calls"}));
    facts.did = *CallText::from("0201234567");
    say("call-2", Kind::ended, facts);
    std::map<std::string, int> counts;
    for (const auto& parcel : hands.next(4))
        ++counts[parcel.target.name];
    EXPECT_EQ(counts, (std::map<std::string, int>{{"crm", 2}, {"elsewhere", 1}, {"ends", 1}}));
    settle();
    EXPECT_EQ(hands.waiting(), 0U); // the `ended`s wait for the `created`s
}

/// Who was told of the beginning of a call is told of its end, and nobody else is.
TEST_F(SpoolTest, ACallIsForThoseWhoWantTheNumberThatItBeganWith)
{
    auto crm = notification("crm", "http://crm.lan/calls");
    crm.dids = {"+3150*"};
    auto elsewhere = notification("elsewhere", "http://elsewhere.lan/");
    elsewhere.dids = {"+3120*"};
    settings.notifications = notifications({crm, elsewhere});
    events::Facts first;
    first.did = *CallText::from("+31502102544");
    events::Facts second;
    second.did = *CallText::from("+31201234567");
    open();
    say("call-1", Kind::created, first);
    say("call-1", Kind::transferred, second);
    open(); // a restart in the middle
    say("call-1", Kind::ended);
    say("call-2", Kind::ringing);
    say("call-2", Kind::ended, first);
    EXPECT_EQ(counts_of("crm").waiting, 3U);
    EXPECT_EQ(counts_of("elsewhere").waiting, 0U);
}

TEST_F(SpoolTest, ASilentCallEndsForThoseWhoWereToldOfItsBeginning)
{
    settings.event_idle = 200ms;
    auto crm = notification("crm", "http://crm.lan/calls");
    crm.dids = {"+3150*"};
    settings.notifications = notifications({crm});
    events::Facts first;
    first.did = *CallText::from("+31502102544");
    events::Facts second;
    second.did = *CallText::from("+31201234567");
    open_and_start();
    say("call-1", Kind::created, first);
    say("call-1", Kind::created, second);
    spool->conclude(hands.next().id, delivered());
    EXPECT_EQ(shown(hands.next()), "call-1 ended 2");
}

TEST_F(SpoolTest, ARestartKeepsWhatWaitsWithItsOrderAndIds)
{
    open_and_start();
    say("call-1", Kind::created);
    say("call-1", Kind::answered);
    say("call-1", Kind::ended);
    const auto first = hands.next();
    restart();
    std::vector<std::string> ids;
    for (const char* expected : {"call-1 created 1", "call-1 answered 2", "call-1 ended 3"}) {
        const auto parcel = hands.next();
        EXPECT_EQ(shown(parcel), expected);
        ids.push_back(parcel.webhook_id);
        spool->conclude(parcel.id, delivered());
    }
    EXPECT_EQ(ids.front(), first.webhook_id);
    EXPECT_EQ(std::set<std::string>(ids.begin(), ids.end()).size(), 3U);
    settle();
    restart();
    EXPECT_EQ(say("call-1", Kind::ringing), Stored::dropped); // the record was kept as well
    EXPECT_EQ(hands.waiting(), 0U);
    EXPECT_EQ(counts_of("crm").waiting, 0U);
}

TEST_F(SpoolTest, ARestartKeepsHowOftenWasTriedAndWhatIsKnownOfACall)
{
    open_and_start();
    say("call-1", Kind::created, from("+31612345678"));
    spool->conclude(hands.next().id, failed());
    settle();
    restart();
    const auto again = hands.next();
    EXPECT_EQ(again.attempt, 2U);
    spool->conclude(again.id, delivered());
    say("call-1", Kind::answered);
    EXPECT_EQ(std::get<events::CallEvent>(hands.next().content).facts, from("+31612345678"));
}

TEST_F(SpoolTest, IdsNeverRepeat)
{
    open_and_start();
    say("call-1", Kind::created);
    const auto first = hands.next();
    spool.reset();
    std::filesystem::remove(settings.file);
    open_and_start();
    say("call-1", Kind::created);
    EXPECT_NE(hands.next().webhook_id, first.webhook_id);
}

TEST_F(SpoolTest, A410SwitchesTheNotificationOffUntilAReload)
{
    open_and_start();
    say("call-1", Kind::created);
    spool->conclude(hands.next().id, {Attempted::Outcome::gone, 410, {}, "HTTP 410 Gone"});
    settle();
    EXPECT_TRUE(counts_of("crm").switched_off);
    expect_logged(R"(notification switched off until the configuration is reloaded notification=crm)");
    say("call-2", Kind::created);
    settle();
    EXPECT_EQ(hands.waiting(), 0U);
    EXPECT_EQ(counts_of("crm").waiting, 2U);
    spool->configure(settings);
    std::set<std::string> carried;
    for (const auto& parcel : hands.next(2))
        carried.insert(shown(parcel));
    EXPECT_EQ(carried, (std::set<std::string>{"call-1 created 1", "call-2 created 1"}));
    EXPECT_FALSE(counts_of("crm").switched_off);
}

TEST_F(SpoolTest, KeepsRetryAfterUpToAnHour)
{
    open_and_start();
    const auto next_after = [&](std::string_view call, std::chrono::seconds retry_after) {
        say(call, Kind::created);
        auto attempted = failed(503, "HTTP 503");
        attempted.retry_after = retry_after;
        const auto concluded_at = std::chrono::system_clock::now();
        spool->conclude(hands.next().id, attempted);
        const auto found = deliveries({.failed_only = true, .call_id = std::string(call), .since = {}, .limit = 9});
        EXPECT_EQ(found.size(), 1U);
        return std::chrono::round<std::chrono::minutes>(found.at(0).next_at.value() - concluded_at);
    };
    EXPECT_EQ(next_after("call-1", 20min), 20min);
    EXPECT_EQ(next_after("call-2", 1h), 1h);
    EXPECT_EQ(next_after("call-3", 24h), 1h);
    EXPECT_EQ(next_after("call-4", 0s), 0min);
    EXPECT_EQ(shown(hands.next()), "call-4 created 1");
}

TEST_F(SpoolTest, WhatExpiresIsCountedAndMakesRoom)
{
    auto crm = notification("crm", "http://crm.lan/calls");
    crm.expires = 300ms;
    settings.notifications = notifications({crm});
    open_and_start();
    say("call-1", Kind::created);
    spool->conclude(hands.next().id, failed());
    wait_until([&] { return counts_of("crm").expired == 1; });
    EXPECT_EQ(counts_of("crm").waiting, 0U);
    say("call-1", Kind::answered);
    EXPECT_EQ(shown(hands.next()), "call-1 answered 2");
    const auto found = deliveries({.failed_only = true, .call_id = {}, .since = {}, .limit = 9});
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].state, "expired");
    EXPECT_EQ(found[0].detail, "connection refused");
    expect_logged("call event not delivered notification=crm");
}

TEST_F(SpoolTest, ASilentCallEndsForAnUnknownReason)
{
    settings.event_idle = 200ms;
    open_and_start();
    say("call-1", Kind::created, from("101"));
    spool->conclude(hands.next().id, delivered());
    const auto ended = hands.next();
    EXPECT_EQ(shown(ended), "call-1 ended 2");
    const auto& facts = std::get<events::CallEvent>(ended.content).facts;
    EXPECT_EQ(facts.reason, events::EndReason::unknown);
    EXPECT_EQ(facts.callerid.str(), "101");
    EXPECT_EQ(say("call-1", Kind::answered), Stored::dropped);
}

TEST_F(SpoolTest, TheRecordOfACallThatEndedIsForgotten)
{
    settings.event_idle = 200ms;
    open();
    say("call-1", Kind::ended);
    EXPECT_EQ(say("call-1", Kind::created), Stored::dropped);
    wait_until([&] { return say("call-1", Kind::created) == Stored::stored; });
}

TEST_F(SpoolTest, WebhooksWithoutAWaitAreCarriedInAnyOrder)
{
    open_and_start();
    const Call call{.did = *Did::from("+31502102544"),
                    .callerid = *CallText::from("anonymous"),
                    .callername = *CallerName::from("J\u00f6rg"),
                    .call_id = *CallText::from("call-1"),
                    .presentation = Presentation::prohibited,
                    .trace = {1, 0xFFFF'FFFF'FFFF'FFFF, false},
                    .vars = {{"tenant", "acme"}}};
    spool->send_later(*WebhookName::from("crm"), call);
    spool->send_later(*WebhookName::from("crm"), call);
    const auto parcels = hands.next(2);
    EXPECT_THAT(shown(parcels), ElementsAre("webhook crm", "webhook crm"));
    EXPECT_TRUE(parcels[0].target.is_webhook());
    EXPECT_EQ(parcels[0].expires_at, parcels[0].reported_at + 1h);
    const auto& carried = std::get<Call>(parcels[0].content);
    EXPECT_EQ(carried.did, call.did);
    EXPECT_EQ(carried.callerid, call.callerid);
    EXPECT_EQ(carried.callername, call.callername);
    EXPECT_EQ(carried.call_id, call.call_id);
    EXPECT_EQ(carried.presentation, call.presentation);
    EXPECT_EQ(carried.trace.high, call.trace.high);
    EXPECT_EQ(carried.trace.low, call.trace.low);
    EXPECT_EQ(carried.trace.sampled, call.trace.sampled);
    EXPECT_EQ(carried.vars, call.vars);
    spool->conclude(parcels[0].id, {Attempted::Outcome::gone, 410, {}, "HTTP 410"});
    spool->conclude(parcels[1].id, delivered());
    EXPECT_EQ(hands.next().attempt, 2U); // no webhook is switched off
}

TEST_F(SpoolTest, WebhooksAreCarriedWithinTheirMaxInFlight)
{
    settings.in_flight = {{"later", 1}};
    open_and_start();
    for (int count = 0; count < 3; ++count)
        spool->send_later(*WebhookName::from("later"), {*Did::from("101"), {}, {}, {}});
    const auto first = hands.next();
    settle();
    EXPECT_EQ(hands.waiting(), 0U);
    spool->conclude(first.id, delivered());
    hands.next();
    settings.in_flight.clear();
    spool->configure(settings);
    EXPECT_EQ(shown(hands.next()), "webhook later");
}

TEST_F(SpoolTest, WithoutAFolderReportsFailAndWebhooksWaitInMemory)
{
    settings.file.clear();
    open_and_start();
    const auto [stored, why] = say(report("call-1", Kind::created));
    EXPECT_EQ(stored, Stored::failed);
    EXPECT_EQ(why, "there is no folder for call events; start dialhookd with --state FOLDER, or set `server.spool`");
    expect_logged("warning call events cannot be stored");
    EXPECT_FALSE(spool->counts().is_durable);
    spool->send_later(*WebhookName::from("later"), {*Did::from("101"), {}, {}, {}});
    const auto parcel = hands.next();
    EXPECT_EQ(shown(parcel), "webhook later");
    spool->conclude(parcel.id, failed());
    const auto again = hands.next();
    EXPECT_EQ(again.webhook_id, parcel.webhook_id);
    spool->conclude(again.id, delivered());
    const auto found = deliveries();
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].state, "delivered");
    EXPECT_EQ(found[0].event, "");
    EXPECT_TRUE(replay(found[0].id));
    EXPECT_EQ(shown(hands.next()), "webhook later");

    settings.file = folder.path() / "spool.db";
    spool->configure(settings);
    EXPECT_EQ(say("call-1", Kind::created), Stored::stored);
    EXPECT_EQ(shown(hands.next()), "call-1 created 1");
}

TEST_F(SpoolTest, AQuestionOfACallIsNoReasonToWriteWhereNobodyIsTold)
{
    settings.notifications = notifications({});
    open();
    auto implied = report("call-1", Kind::created);
    implied.is_implied = true;
    EXPECT_EQ(say(implied).first, Stored::stored);
    settings.notifications = notifications({notification("crm", "http://crm.lan/calls")});
    spool->configure(settings);
    spool->start(hands);
    say("call-1", Kind::ringing);
    EXPECT_EQ(shown(hands.next()), "call-1 created 1");
    say(implied);
    implied.call_id = *events::CallId::from("call-2");
    say(implied);
    EXPECT_EQ(shown(hands.next()), "call-2 created 1");
}

TEST_F(SpoolTest, WhatWaitsForANotificationThatIsGoneWaits)
{
    open();
    say("call-1", Kind::created);
    auto without = settings;
    without.notifications = notifications({notification("other", "http://other.lan/")});
    spool->configure(without);
    spool->start(hands);
    say("call-2", Kind::created);
    EXPECT_EQ(hands.next().target.name, "other");
    EXPECT_EQ(counts_of("crm").waiting, 1U);
    EXPECT_EQ(hands.waiting(), 0U);
    spool->configure(settings);
    EXPECT_EQ(shown(hands.next()), "call-1 created 1");
}

TEST_F(SpoolTest, AReloadThatLowersExpiresGivesUpWhatWaitsSooner)
{
    open_and_start();
    say("call-1", Kind::created);
    const auto first = hands.next();
    auto crm = notification("crm", "http://crm.lan/calls");
    crm.expires = 2h;
    settings.notifications = notifications({crm});
    spool->configure(settings);
    settle();
    restart();
    const auto again = hands.next();
    EXPECT_EQ(again.webhook_id, first.webhook_id);
    EXPECT_EQ(again.expires_at, again.reported_at + 2h);
    crm.expires = 1ms;
    settings.notifications = notifications({crm});
    spool->configure(settings);
    spool->conclude(again.id, failed());
    wait_until([&] { return counts_of("crm").expired == 1; });
    EXPECT_EQ(counts_of("crm").waiting, 0U);
}

TEST_F(SpoolTest, AReloadGivesUpNothingThatWasSentOnceMore)
{
    open_and_start();
    say("call-1", Kind::created);
    spool->conclude(hands.next().id, delivered());
    settle();
    spool.reset();
    const auto a_day_ago = "UPDATE deliveries SET reported_at = reported_at - 90000000000, "
                           "expires_at = expires_at - 90000000000";
    sqlite::Connection(settings.file.string()).run(a_day_ago);
    open_and_start();
    const auto from = std::chrono::system_clock::now();
    EXPECT_TRUE(replay(deliveries().at(0).id));
    spool->conclude(hands.next().id, failed());
    auto crm = notification("crm", "http://crm.lan/calls");
    crm.expires = 2h;
    settings.notifications = notifications({crm});
    spool->configure(settings);
    settle();
    EXPECT_EQ(counts_of("crm").waiting, 1U);
    restart();
    const auto again = hands.next();
    EXPECT_GE(again.expires_at, from + 2h - 1s);
    EXPECT_LE(again.expires_at, std::chrono::system_clock::now() + 2h);
}

TEST_F(SpoolTest, WhatWaitsForAMistypedUrlGoesToTheCorrectedOne)
{
    settings.notifications = notifications({notification("crm", "http://cmr.lan/calls")});
    open_and_start();
    say("call-1", Kind::created);
    spool->conclude(hands.next().id, {Attempted::Outcome::gone, 410, {}, "HTTP 410 Gone"});
    say("call-2", Kind::created);
    settings.notifications = notifications({notification("crm", "http://crm.lan/calls")});
    spool->configure(settings);
    std::set<std::string> carried;
    for (const auto& parcel : hands.next(2)) {
        EXPECT_EQ(parcel.target.url, "http://crm.lan/calls");
        carried.insert(shown(parcel));
    }
    EXPECT_EQ(carried, (std::set<std::string>{"call-1 created 1", "call-2 created 1"}));
    restart(); // what is under way waits in the file
    for (const auto& parcel : hands.next(2))
        EXPECT_EQ(parcel.target.url, "http://crm.lan/calls");
}

TEST_F(SpoolTest, WhatWaitsStaysWhereNobodyCanSayWhichUrlBecameWhich)
{
    auto crm = notification("crm", "http://cmr.lan/calls");
    settings.notifications = notifications({crm});
    open();
    say("call-1", Kind::created);
    crm.urls = {*UrlTemplate::parse("http://crm.lan/calls"), *UrlTemplate::parse("http://other.lan/calls")};
    auto two = settings;
    two.notifications = notifications({crm});
    spool->configure(two);
    spool->start(hands);
    settle();
    EXPECT_EQ(hands.waiting(), 0U);
    EXPECT_EQ(deliveries().at(0).target.url, "http://cmr.lan/calls");
}

TEST_F(SpoolTest, WhatBecameOfEventsStaysCountedWhenTheirNotificationIsGone)
{
    auto crm = notification("crm", "http://crm.lan/calls");
    crm.expires = 300ms;
    settings.notifications = notifications({crm});
    open_and_start();
    say("call-1", Kind::created);
    spool->conclude(hands.next().id, delivered());
    say("call-1", Kind::answered);
    const auto under_way = hands.next();
    settings.notifications = notifications({});
    spool->configure(settings);
    spool->conclude(under_way.id, {Attempted::Outcome::gone, 410, {}, "HTTP 410 Gone"});
    wait_until([&] { return counts_of("crm").waiting == 0; });
    EXPECT_EQ(counts_of("crm").delivered, 1U);
    EXPECT_EQ(counts_of("crm").expired, 1U);
    EXPECT_FALSE(counts_of("crm").switched_off); // nobody could switch it on
}

TEST_F(SpoolTest, ListsDeliveries)
{
    open_and_start();
    say("call-1", Kind::created);
    spool->conclude(hands.next().id, delivered());
    say("call-2", Kind::created);
    spool->conclude(hands.next().id, failed(500, "HTTP 500"));
    const auto all = deliveries();
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[0].call_id, "call-2");
    EXPECT_EQ(all[0].state, "waiting");
    EXPECT_EQ(all[0].http_status, 500);
    EXPECT_EQ(all[0].detail, "HTTP 500");
    EXPECT_EQ(all[0].attempts, 1U);
    EXPECT_TRUE(all[0].next_at);
    EXPECT_EQ(all[1].state, "delivered");
    EXPECT_EQ(all[1].event, "created");
    EXPECT_EQ(all[1].seq, 1U);
    EXPECT_EQ(all[1].http_status, 200);
    EXPECT_FALSE(all[1].next_at);
    EXPECT_EQ(all[1].target, (DeliveryTarget{"crm", "http://crm.lan/calls"}));

    const auto ids = [](const std::vector<Delivery>& found) {
        std::vector<std::string> calls;
        for (const Delivery& delivery : found)
            calls.push_back(delivery.call_id);
        return calls;
    };
    EXPECT_THAT(ids(deliveries({.failed_only = true, .call_id = {}, .since = {}, .limit = 9})), ElementsAre("call-2"));
    EXPECT_THAT(ids(deliveries({.failed_only = false, .call_id = "call-1", .since = {}, .limit = 9})),
                ElementsAre("call-1"));
    EXPECT_THAT(ids(deliveries({.failed_only = false, .call_id = {}, .since = {}, .limit = 1})), ElementsAre("call-2"));
    EXPECT_THAT(
        ids(deliveries(
            {.failed_only = false, .call_id = {}, .since = std::chrono::system_clock::now() + 1min, .limit = 9})),
        IsEmpty());
}

TEST_F(SpoolTest, SendsADeliveryOnceMore)
{
    open_and_start();
    say("call-1", Kind::created, from("101"));
    const auto first = hands.next();
    spool->conclude(first.id, delivered());
    const auto id = deliveries().at(0).id;
    EXPECT_TRUE(replay(id));
    const auto again = hands.next();
    EXPECT_EQ(again.webhook_id, first.webhook_id);
    EXPECT_EQ(std::get<events::CallEvent>(again.content), std::get<events::CallEvent>(first.content));
    EXPECT_TRUE(replay(id)); // it is under way
    spool->conclude(again.id, failed());
    settle();
    EXPECT_TRUE(replay(id)); // it waits
    const auto hurried = hands.next();
    EXPECT_EQ(hurried.attempt, 2U);
    spool->conclude(hurried.id, delivered());
    EXPECT_EQ(deliveries().at(0).state, "delivered");
    EXPECT_FALSE(replay(id + 1));
    EXPECT_EQ(hands.waiting(), 0U);
}

TEST_F(SpoolTest, WhatIsSentOnceMoreWaitsAsLongAsTheConfigurationSays)
{
    open_and_start();
    say("call-1", Kind::created);
    spool->conclude(hands.next().id, delivered());
    auto crm = notification("crm", "http://crm.lan/calls");
    crm.expires = 2h;
    settings.notifications = notifications({crm});
    spool->configure(settings);
    for (int times = 0; times < 2; ++times) {
        const auto from = std::chrono::system_clock::now();
        EXPECT_TRUE(replay(deliveries().at(0).id));
        const auto again = hands.next();
        EXPECT_GE(again.expires_at, from + 2h - 1s);
        EXPECT_LE(again.expires_at, std::chrono::system_clock::now() + 2h);
        spool->conclude(again.id, delivered());
    }
}

TEST_F(SpoolTest, NothingIsSentOnceMoreToAUrlThatIsSwitchedOff)
{
    open_and_start();
    say("call-1", Kind::created);
    spool->conclude(hands.next().id, delivered());
    say("call-2", Kind::created);
    spool->conclude(hands.next().id, {Attempted::Outcome::gone, 410, {}, "HTTP 410 Gone"});
    const auto found = deliveries();
    for (const Delivery& delivery : found)
        EXPECT_EQ(replayed(delivery.id), Replayed::switched_off) << delivery.call_id;
    EXPECT_EQ(deliveries().back().state, "delivered");
    EXPECT_EQ(hands.waiting(), 0U);
    spool->configure(settings);
    spool->conclude(hands.next().id, delivered());
    EXPECT_EQ(replayed(found.back().id), Replayed::again);
    EXPECT_EQ(shown(hands.next()), "call-1 created 1");
}

TEST_F(SpoolTest, NothingIsSentOnceMoreToANotificationThatIsGone)
{
    open_and_start();
    say("call-1", Kind::created);
    spool->conclude(hands.next().id, delivered());
    say("call-2", Kind::created);
    auto refused = failed(503, "HTTP 503");
    refused.retry_after = 1h;
    spool->conclude(hands.next().id, refused);
    const auto found = deliveries();
    settings.notifications = notifications({notification("other", "http://other.lan/")});
    spool->configure(settings);
    for (const Delivery& delivery : found)
        EXPECT_EQ(replayed(delivery.id), Replayed::not_configured) << delivery.call_id;
    EXPECT_EQ(deliveries().back().state, "delivered");
    restart();
    for (const Delivery& delivery : found)
        EXPECT_EQ(replayed(delivery.id), Replayed::not_configured) << delivery.call_id;
    EXPECT_EQ(counts_of("crm").waiting, 1U);
    EXPECT_EQ(hands.waiting(), 0U);
}

TEST_F(SpoolTest, ARefusalCountsNothingForAUrlThatIsGone)
{
    open_and_start();
    say("call-1", Kind::created);
    spool->conclude(hands.next().id, delivered());
    settle();
    settings.notifications = notifications({});
    restart();
    EXPECT_EQ(replayed(deliveries().at(0).id), Replayed::not_configured);
    EXPECT_THAT(spool->counts().targets, IsEmpty());
}

TEST_F(SpoolTest, WhatWasForAUrlThatWasCorrectedIsSentOnceMoreToTheNewOne)
{
    const auto reload_with = [&](std::string_view url) {
        settings.notifications = notifications({notification("crm", url)});
        spool->configure(settings);
    };
    open_and_start();
    say("call-1", Kind::created);
    const auto first = hands.next();
    spool->conclude(first.id, delivered());
    const auto id = deliveries().at(0).id;
    reload_with("http://crm.lan/second");
    reload_with("http://crm.lan/third");
    EXPECT_EQ(replayed(id), Replayed::again);
    auto again = hands.next();
    EXPECT_EQ(again.target.url, "http://crm.lan/third");
    EXPECT_EQ(again.webhook_id, first.webhook_id);
    restart(); // the file knows it
    again = hands.next();
    EXPECT_EQ(again.target.url, "http://crm.lan/third");
    spool->conclude(again.id, delivered());
    EXPECT_EQ(deliveries().at(0).target.url, "http://crm.lan/third");
    reload_with("http://crm.lan/calls");
    EXPECT_EQ(replayed(id), Replayed::again);
    EXPECT_EQ(hands.next().target.url, "http://crm.lan/calls");
}

TEST_F(SpoolTest, NothingIsSentOnceMoreWhereNobodyCanSayWhichUrlBecameWhich)
{
    const auto reload_with = [&](const std::vector<std::string_view>& urls) {
        auto crm = notification("crm", urls.front());
        for (std::size_t index = 1; index < urls.size(); ++index)
            crm.urls.emplace_back(*UrlTemplate::parse(urls[index]));
        settings.notifications = notifications({crm});
        spool->configure(settings);
    };
    open_and_start();
    say("call-1", Kind::created);
    spool->conclude(hands.next().id, delivered());
    const auto id = deliveries().at(0).id;
    reload_with({"http://crm.lan/second", "http://crm.lan/third"});
    EXPECT_EQ(replayed(id), Replayed::not_configured);
    reload_with({"http://crm.lan/calls", "http://crm.lan/third"});
    reload_with({"http://crm.lan/second", "http://crm.lan/third"}); // the first was corrected
    reload_with({"http://crm.lan/second", "http://crm.lan/calls", "http://crm.lan/third"});
    reload_with({"http://crm.lan/second", "http://crm.lan/third"}); // and now it is removed
    EXPECT_EQ(replayed(id), Replayed::not_configured);
    EXPECT_EQ(hands.waiting(), 0U);
}

TEST_F(SpoolTest, ForgetsWhatWasDelivered)
{
    settings.keep = 200ms;
    open_and_start();
    say("call-1", Kind::created);
    spool->conclude(hands.next().id, delivered());
    wait_until([&] { return deliveries().empty(); });
    EXPECT_EQ(counts_of("crm").delivered, 1U);
}

TEST_F(SpoolTest, MasksWhatWasDeliveredToAll)
{
    settings.redact = true;
    settings.notifications =
        notifications({notification("crm", "http://crm.lan/calls"), notification("other", "http://other.lan/")});
    open_and_start();
    auto facts = from("+31612345678");
    facts.did = *CallText::from("+31502102544");
    facts.vars = {{"tenant", "acme"}};
    say("call-1", Kind::ended, facts);
    const auto ids = [&] {
        std::map<std::string, std::int64_t> found;
        for (const auto& parcel : hands.next(2))
            found[parcel.target.name] = parcel.id;
        return found;
    };
    auto created = ids();
    spool->conclude(created["crm"], delivered());
    auto ended = hands.next();
    EXPECT_EQ(std::get<events::CallEvent>(ended.content).facts.callerid.str(), "+31612345678");
    spool->conclude(created["other"], delivered());
    hands.next();
    EXPECT_EQ(replayed(deliveries().back().id), Replayed::masked);
    EXPECT_EQ(replayed(9999), Replayed::unknown);

    // What another one still waits for can be sent again.
    spool->conclude(ended.id, delivered());
    const auto found = deliveries({.failed_only = false, .call_id = {}, .since = {}, .limit = 9});
    EXPECT_EQ(found.at(1).target.name, "crm");
    EXPECT_EQ(replayed(found.at(1).id), Replayed::again);
    EXPECT_EQ(std::get<events::CallEvent>(hands.next().content).facts.callerid.str(), "+31612345678");
    EXPECT_EQ(hands.waiting(), 0U);
    spool.reset();
    EXPECT_THAT(first_body(settings.file), AllOf(HasSubstr("***"), Not(HasSubstr("+31")), Not(HasSubstr("acme"))));
}

TEST_F(SpoolTest, MasksWhatOneGotAndAnotherGaveUp)
{
    settings.redact = true;
    auto other = notification("other", "http://other.lan/");
    other.expires = 300ms;
    settings.notifications = notifications({notification("crm", "http://crm.lan/calls"), other});
    open_and_start();
    say("call-1", Kind::created, from("+31612345678"));
    for (const auto& parcel : hands.next(2))
        spool->conclude(parcel.id, parcel.target.name == "crm" ? delivered() : failed());
    wait_until([&] { return counts_of("other").expired == 1; });
    settle();
    spool.reset();
    EXPECT_THAT(first_body(settings.file), Not(HasSubstr("+31")));
    open();
    for (const Delivery& delivery : deliveries())
        EXPECT_EQ(replayed(delivery.id), Replayed::masked) << delivery.target.name;
}

TEST_F(SpoolTest, WhatNobodyGotIsSentOnceMoreInSpiteOfRedact)
{
    settings.redact = true;
    auto crm = notification("crm", "http://crm.lan/calls");
    crm.expires = 300ms;
    settings.notifications = notifications({crm});
    open_and_start();
    say("call-1", Kind::created, from("+31612345678"));
    spool->conclude(hands.next().id, failed());
    wait_until([&] { return counts_of("crm").expired == 1; });
    EXPECT_EQ(replayed(deliveries().at(0).id), Replayed::again);
    EXPECT_EQ(std::get<events::CallEvent>(hands.next().content).facts.callerid.str(), "+31612345678");
}

TEST_F(SpoolTest, MasksWhatWasDeliveredBeforeAReloadSetRedact)
{
    open_and_start();
    say("call-1", Kind::created, from("+31612345678"));
    spool->conclude(hands.next().id, delivered());
    settle();
    settings.redact = true;
    spool->configure(settings);
    settle();
    spool.reset();
    EXPECT_THAT(first_body(settings.file), Not(HasSubstr("+31")));
    open();
    EXPECT_EQ(replayed(deliveries().at(0).id), Replayed::masked);
}

TEST_F(SpoolTest, MasksWhatWasDeliveredBeforeAStartWithRedact)
{
    open_and_start();
    say("call-1", Kind::created, from("+31612345678"));
    spool->conclude(hands.next().id, delivered());
    settle();
    settings.redact = true;
    restart();
    settle();
    spool.reset();
    EXPECT_THAT(first_body(settings.file), Not(HasSubstr("+31")));
}

TEST_F(SpoolTest, MasksWhatWasDeliveredFromMemory)
{
    settings.file.clear();
    open_and_start();
    spool->send_later(*WebhookName::from("later"), {*Did::from("101"), {}, {}, {}});
    spool->conclude(hands.next().id, delivered());
    settle();
    settings.redact = true;
    spool->configure(settings);
    settings.redact = false; // from now on nothing is masked any more
    spool->configure(settings);
    EXPECT_EQ(replayed(deliveries().at(0).id), Replayed::masked);
}

TEST_F(SpoolTest, WhatWasMaskedStaysRefusedWhenRedactIsOffAgain)
{
    settings.redact = true;
    open_and_start();
    spool->send_later(*WebhookName::from("later"), {*Did::from("101"), {}, {}, {}});
    spool->conclude(hands.next().id, delivered());
    settings.redact = false;
    settle();
    spool->configure(settings);
    EXPECT_EQ(replayed(deliveries().at(0).id), Replayed::masked);
    spool->send_later(*WebhookName::from("later"), {*Did::from("102"), {}, {}, {}});
    spool->conclude(hands.next().id, delivered());
    EXPECT_EQ(replayed(deliveries().at(0).id), Replayed::again);
    EXPECT_EQ(std::get<Call>(hands.next().content).did.view(), "102");
}

TEST_F(SpoolTest, ReportsAfterTheStopFail)
{
    open();
    spool->stop();
    EXPECT_EQ(say(report("call-1", Kind::created)),
              (std::pair<Stored, std::string>{Stored::failed, "the daemon is stopping"}));
}

TEST_F(SpoolTest, AStopStoresWhatWasHandedOver)
{
    open();
    std::atomic<int> stored = 0;
    for (int call = 0; call < 100; ++call)
        spool->report(report("call-" + std::to_string(call), Kind::created),
                      [&](Stored what, const std::string&) { stored += what == Stored::stored ? 1 : 0; });
    spool->stop();
    EXPECT_EQ(stored, 100);
    open();
    settle();
    EXPECT_EQ(counts_of("crm").waiting, 100U);
}

TEST_F(SpoolTest, TakesReportsOfManyThreads)
{
    open_and_start();
    constexpr int calls = 50;
    std::vector<std::thread> threads;
    for (int thread = 0; thread < 4; ++thread)
        threads.emplace_back([this, thread] {
            for (int call = 0; call < calls; ++call) {
                const auto id = std::to_string(thread) + "-" + std::to_string(call);
                spool->report(report(id, Kind::created), {});
                spool->report(report(id, Kind::ended), {});
                (void)spool->counts();
            }
        });
    std::map<std::string, std::uint32_t> seqs;
    for (int count = 0; count < 4 * calls * 2; ++count) {
        const auto parcel = hands.next();
        const auto& event = std::get<events::CallEvent>(parcel.content);
        EXPECT_EQ(event.seq, ++seqs[event.call_id.str()]);
        spool->conclude(parcel.id, delivered());
    }
    for (auto& thread : threads)
        thread.join();
    settle();
    EXPECT_EQ(counts_of("crm").delivered, 4U * calls * 2U);
}

} // namespace
} // namespace dialhook::spool
