#include <dialhook/dispatch/recent_decisions.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace dialhook::dispatch {
namespace {

using namespace std::chrono_literals;

Call call_of(std::string_view caller)
{
    Call call{*Did::from("+31502102544"), {}, {}, {}, {}};
    call.callerid = *decltype(call.callerid)::from(caller);
    call.call_id = *decltype(call.call_id)::from("c-1");
    return call;
}

TEST(RecentDecisions, KeepsWhatIsKnownOfADecision)
{
    RecentDecisions recent;
    const Call call = call_of("+31612345678");
    Fired fired(Decision::failure(Reason::http_status));
    fired.decision.http_status = 503;
    fired.decision.source = Source::url;
    fired.decision.detail = "the web server answered with HTTP status 503";
    fired.elapsed = 12ms;
    fired.timing[net::Phase::wait] = 11ms;
    fired.retries = 2;
    recent.add({call, "+3150*", "crm", "Jan", &fired});

    const auto all = recent.since(0);
    ASSERT_EQ(all.size(), 1U);
    const PastDecision& past = all.front();
    EXPECT_EQ(past.number, 1U);
    EXPECT_EQ(past.webhook, "crm");
    EXPECT_EQ(past.dialplan, "+3150*");
    EXPECT_EQ(past.did, "+31502102544");
    EXPECT_EQ(past.callerid, "+31612345678");
    EXPECT_EQ(past.callername, "Jan");
    EXPECT_EQ(past.call_id, "c-1");
    EXPECT_EQ(past.branch, Branch::failure);
    EXPECT_EQ(past.reason, Reason::http_status);
    EXPECT_EQ(past.http_status, 503);
    EXPECT_FALSE(past.status);
    EXPECT_EQ(past.detail, fired.decision.detail);
    EXPECT_EQ(past.destination, "");
    EXPECT_EQ(past.retries, 2U);
    EXPECT_EQ(past.elapsed, 12ms);
    EXPECT_EQ(past.phases[static_cast<std::size_t>(net::Phase::wait)], 11ms);
    EXPECT_TRUE(recent.since(1).empty());
}

TEST(RecentDecisions, KeepsTheLastOnesInTheirOrder)
{
    RecentDecisions recent;
    const Call call = call_of("1");
    for (std::size_t count = 0; count < RecentDecisions::capacity + 5; ++count)
        recent.add({call, "100", {}, {}, nullptr});
    const auto all = recent.since(0);
    ASSERT_EQ(all.size(), RecentDecisions::capacity);
    EXPECT_EQ(all.front().number, 6U);
    EXPECT_EQ(all.back().number, recent.latest());
    EXPECT_EQ(recent.since(recent.latest() - 2).size(), 2U);
}

TEST(RecentDecisions, LongTextsAreCutAtAWholeCharacter)
{
    RecentDecisions recent;
    const Call call = call_of(std::string(200, '1'));
    std::string name;
    for (int count = 0; count < 60; ++count)
        name += "é";
    recent.add({call, std::string(300, 'd'), std::string(64, 'w'), "x" + name, nullptr});
    const PastDecision past = recent.since(0).front();
    EXPECT_EQ(past.callerid, std::string(48, '1'));
    EXPECT_EQ(past.webhook, std::string(64, 'w'));
    EXPECT_EQ(past.callername, ("x" + name).substr(0, 79));
}

TEST(RecentDecisions, AReaderNeverSeesHalfOfOne)
{
    RecentDecisions recent;
    std::atomic<bool> is_done{false};
    std::thread writer([&] {
        const Call odd = call_of("1111111111111111");
        const Call even = call_of("2222222222222222");
        for (int count = 0; count < 40'000; ++count) {
            const bool is_odd = count % 2 == 0;
            recent.add({is_odd ? odd : even, {}, is_odd ? "1111" : "2222", {}, nullptr});
        }
        is_done = true;
    });
    while (!is_done)
        for (const PastDecision& past : recent.since(0)) {
            const char digit = past.number % 2 == 1 ? '1' : '2';
            ASSERT_EQ(past.callerid, std::string(16, digit));
            ASSERT_EQ(past.webhook, std::string(4, digit));
        }
    writer.join();
    EXPECT_EQ(recent.latest(), 40'000U);
    EXPECT_EQ(recent.since(0).size(), RecentDecisions::capacity);
}

} // namespace
} // namespace dialhook::dispatch
