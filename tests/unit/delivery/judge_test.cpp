#include "delivery/judge.hpp"

#include <gtest/gtest.h>

#include <optional>

namespace dialhook::delivery {
namespace {

using namespace std::chrono_literals;
using Outcome = spool::Attempted::Outcome;

constexpr std::chrono::system_clock::time_point now{784111777s};

spool::Attempted of_status(int status, std::string retry_after = {})
{
    net::Response response;
    response.status = status;
    response.retry_after = std::move(retry_after);
    return judge(response, now);
}

TEST(Judge, AResponseSaysWhatFollows)
{
    for (const int status : {200, 201, 202, 204, 299})
        EXPECT_EQ(of_status(status).outcome, Outcome::delivered) << status;
    for (const int status : {300, 304, 400, 401, 403, 404, 409, 422, 429, 500, 502, 503})
        EXPECT_EQ(of_status(status).outcome, Outcome::failed) << status;
    EXPECT_EQ(of_status(410).outcome, Outcome::gone);
    EXPECT_EQ(of_status(410).http_status, 410);
    EXPECT_EQ(of_status(500).detail, "HTTP status 500");
    EXPECT_EQ(of_status(204).detail, "");
}

TEST(Judge, RetryAfterIsThatOf429And503)
{
    EXPECT_EQ(of_status(429, "7").retry_after, 7s);
    EXPECT_EQ(of_status(503, "Sun, 06 Nov 1994 08:50:37 GMT").retry_after, 60s);
    EXPECT_EQ(of_status(503, "soon").retry_after, std::nullopt);
    EXPECT_EQ(of_status(503).retry_after, std::nullopt);
    EXPECT_EQ(of_status(500, "7").retry_after, std::nullopt);
    EXPECT_EQ(of_status(200, "7").retry_after, std::nullopt);
}

TEST(Judge, NoResponseIsAFailure)
{
    const auto refused = judge(net::Failure{net::FailureKind::connect, "refused"}, net::CancelReason::none);
    EXPECT_EQ(refused.outcome, Outcome::failed);
    EXPECT_EQ(refused.detail, "refused");
    EXPECT_EQ(refused.http_status, std::nullopt);
    const net::Failure cancelled{net::FailureKind::cancelled, ""};
    EXPECT_EQ(judge(cancelled, net::CancelReason::deadline).detail, "no answer within `timeout`");
    EXPECT_EQ(judge(cancelled, net::CancelReason::shutdown).detail, "the daemon stopped before there was an answer");
}

Outcome of_reason(Reason reason, std::optional<int> http_status = {})
{
    Decision decision = Decision::failure(reason);
    decision.http_status = http_status;
    return judge(decision).outcome;
}

TEST(Judge, OfAWebhookWhatNoWebServerTookIsTriedAgain)
{
    for (const Reason reason :
         {Reason::timeout, Reason::dns, Reason::connect, Reason::tls, Reason::egress, Reason::bad_reply,
          Reason::overload, Reason::circuit_open, Reason::shutdown, Reason::internal})
        EXPECT_EQ(of_reason(reason), Outcome::failed) << to_string(reason);
    EXPECT_EQ(of_reason(Reason::http_status, 500), Outcome::failed);
    EXPECT_EQ(of_reason(Reason::http_status, 410), Outcome::failed); // a reload brings no webhook back
    EXPECT_EQ(of_reason(Reason::redirect, 302), Outcome::failed);
}

TEST(Judge, OfAWebhook2xxIsDeliveredWhateverTheBodyAndANoWhateverTheStatus)
{
    EXPECT_EQ(judge(Decision::success()).outcome, Outcome::delivered);
    for (const Reason reason : {Reason::bad_reply, Reason::destination})
        EXPECT_EQ(of_reason(reason, 204), Outcome::delivered) << to_string(reason);
    for (const Reason reason : {Reason::nak, Reason::err})
        for (const int status : {200, 302, 404, 503})
            EXPECT_EQ(of_reason(reason, status), Outcome::delivered) << to_string(reason) << ' ' << status;
}

TEST(Judge, OfAWebhookTheReasonIsSaid)
{
    Decision decision = Decision::failure(Reason::http_status);
    decision.http_status = 503;
    decision.detail = "503";
    const auto attempted = judge(decision);
    EXPECT_EQ(attempted.http_status, 503);
    EXPECT_EQ(attempted.detail, "http_status: 503");
    EXPECT_EQ(judge(Decision::failure(Reason::nak)).detail, "nak");
    EXPECT_EQ(judge(Decision::success()).detail, "");
}

TEST(Judge, AnAttemptIsTheLastOneIfTheNextWouldComeTooLate)
{
    spool::Parcel parcel{.id = 1,
                         .webhook_id = {},
                         .attempt = 1,
                         .target = {},
                         .reported_at = now,
                         .expires_at = now + 1h,
                         .content = Call{.did = *Did::from("101"), .callerid = {}, .callername = {}, .call_id = {}}};
    EXPECT_FALSE(is_last(parcel, now));
    EXPECT_TRUE(is_last(parcel, now + 1h - 1s));
    parcel.attempt = 5; // ten minutes follow it
    EXPECT_FALSE(is_last(parcel, now + 156s));
    parcel.attempt = 6; // about an hour
    EXPECT_TRUE(is_last(parcel, now + 756s));
}

} // namespace
} // namespace dialhook::delivery
