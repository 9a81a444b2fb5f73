#include "api/control/event_reports.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace dialhook::control {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

constexpr std::chrono::system_clock::time_point now{1764349200s};

TEST(DeliveriesWanted, AreAllUnlessMoreIsSaid)
{
    for (const char* const params : {"null", "{}"}) {
        const auto wanted = read_deliveries_wanted(params, now);
        ASSERT_TRUE(wanted);
        EXPECT_FALSE(wanted->failed_only);
        EXPECT_EQ(wanted->call_id, "");
        EXPECT_FALSE(wanted->since);
        EXPECT_EQ(wanted->limit, 1000U);
    }
}

TEST(DeliveriesWanted, AreReadFromTheParameters)
{
    const auto wanted = read_deliveries_wanted(R"({"failed":true,"call_id":"42","since_s":3600,"limit":7})", now);
    ASSERT_TRUE(wanted);
    EXPECT_TRUE(wanted->failed_only);
    EXPECT_EQ(wanted->call_id, "42");
    EXPECT_EQ(wanted->since, now - 1h);
    EXPECT_EQ(wanted->limit, 7U);
}

TEST(DeliveriesWanted, NameTheParameterThatIsWrong)
{
    const std::pair<const char*, const char*> cases[] = {
        {"[]", "the parameters must be an object"},
        {R"({"failed":"yes"})", "failed must be true or false"},
        {R"({"call_id":42})", "call_id must be the identifier of a call"},
        {R"({"since_s":-1})", "since_s must be a number of seconds"},
        {R"({"since_s":1e30})", "since_s must be a number of seconds"},
        {R"({"limit":1001})", "limit must be a number from 0 to 1000"},
    };
    for (const auto& [params, fault] : cases) {
        const auto wanted = read_deliveries_wanted(params, now);
        ASSERT_FALSE(wanted) << params;
        EXPECT_EQ(wanted.error(), fault);
    }
}

TEST(Replay, NeedsTheNumberOfADelivery)
{
    EXPECT_EQ(*read_replay(R"({"id":4711})"), 4711);
    for (const char* const params : {"null", "{}", R"({"id":0})", R"({"id":-1})", R"({"id":"1"})", R"({"id":1.5})"})
        EXPECT_FALSE(read_replay(params)) << params;
}

TEST(Test, NeedsTheNameOfANotification)
{
    EXPECT_EQ(*read_test(R"({"notification":"crm"})"), "crm");
    for (const char* const params : {"null", "[]", "{}", R"({"notification":1})"})
        EXPECT_FALSE(read_test(params)) << params;
}

TEST(Deliveries, AreListedTheOldestFirst)
{
    const std::vector<spool::Delivery> deliveries{
        {.id = 8,
         .target = {"campaign", ""},
         .webhook_id = "msg_8",
         .call_id = "2",
         .event = "",
         .state = "waiting",
         .attempts = 0,
         .reported_at = now + 1s,
         .next_at = now + 2s,
         .http_status = {},
         .detail = ""},
        {.id = 7,
         .target = {"crm", "http://crm.lan/"},
         .webhook_id = "msg_7",
         .call_id = "1",
         .event = "ringing",
         .seq = 2,
         .state = "expired",
         .attempts = 3,
         .reported_at = now,
         .next_at = {},
         .http_status = 503,
         .detail = "HTTP status 503"},
    };
    const json list = json::parse(deliveries_json(deliveries)).at("deliveries");
    EXPECT_EQ(list.at(0), json::parse(R"({"id":7,"notification":"crm","url":"http://crm.lan/","event":"ringing","seq":2,
        "call_id":"1","webhook_id":"msg_7","state":"expired","attempts":3,"reported_at":1764349200000,"next_at":null,
        "http_status":503,"detail":"HTTP status 503"})"));
    EXPECT_EQ(list.at(1), json::parse(R"({"id":8,"webhook":"campaign","call_id":"2","webhook_id":"msg_8",
        "state":"waiting","attempts":0,"reported_at":1764349201000,"next_at":1764349202000,"http_status":null,
        "detail":null})"));
}

} // namespace
} // namespace dialhook::control
