#include "dispatch/decide.hpp"
#include "webhook/reply.hpp"

#include <gtest/gtest.h>

#include <string>

namespace dialhook::dispatch {
namespace {

Webhook webhook()
{
    return {.name = *WebhookName::from("crm"),
            .url = *UrlTemplate::parse("http://crm.lan/"),
            .description = {},
            .headers = {},
            .tls = {},
            .destinations = {}};
}

/// `success ACK to=… name=… k=v`, or `failure reason …`, then the HTTP status, what answered, and the detail.
std::string shown(const Decision& decision)
{
    std::string text(to_string(decision.branch()));
    if (decision.reason())
        text += " " + std::string(to_string(*decision.reason()));
    if (decision.status)
        text += " " + std::string(to_string(*decision.status));
    if (decision.destination)
        text += " to=" + decision.destination->str();
    if (!decision.callername.empty())
        text += " name=" + decision.callername;
    for (const auto& [key, value] : decision.variables)
        text += " " + key + "=" + value;
    if (decision.http_status)
        text += " " + std::to_string(*decision.http_status);
    text += decision.source == Source::url ? " url" : "";
    return decision.detail.empty() ? text : text + ": " + decision.detail;
}

net::Response response(int status, std::string body)
{
    net::Response response;
    response.status = status;
    response.body = std::move(body);
    return response;
}

Decision decided(const net::Response& response, const Webhook& webhook, bool needs_destination = false)
{
    const Call call{.did = *Did::from("+31502102544"), .callerid = {}, .callername = {}, .call_id = {}};
    return decide(response, webhook, {.call = call, .needs_destination = needs_destination}).decision;
}

const char* const html = "<html>502</html>";
const char* const ack = "status=ACK&destination=101&callername=Jan&k=v";
const char* const nak = "status=NAK&destination=101&callername=Jan&k=v";
const char* const err = "status=ERR&destination=nonsense&why=db";

TEST(Decide, Reads2xx)
{
    for (const int status : {200, 201, 202, 203, 206, 299}) {
        const std::string number = std::to_string(status);
        EXPECT_EQ(shown(decided(response(status, ack), webhook())),
                  "success ACK to=101 name=Jan k=v " + number + " url");
        EXPECT_EQ(shown(decided(response(status, nak), webhook())), "failure nak NAK name=Jan k=v " + number + " url");
        EXPECT_EQ(shown(decided(response(status, err), webhook())), "failure err ERR why=db " + number + " url");
        EXPECT_EQ(shown(decided(response(status, html), webhook())),
                  "failure bad_reply " + number + " url: the body is an HTML page");
        EXPECT_EQ(shown(decided(response(status, ""), webhook())),
                  "failure bad_reply " + number + " url: the body is empty");
    }
    EXPECT_EQ(shown(decided(response(204, ""), webhook())), "failure bad_reply 204 url: the body is empty");
    EXPECT_EQ(shown(decided(response(200, "status=ACK"), webhook())), "success ACK 200 url");
    EXPECT_EQ(shown(decided(response(200, "status=MAYBE"), webhook())),
              "failure bad_reply 200 url: the status is not ACK, NAK or ERR");
    EXPECT_EQ(shown(decided(response(200, "status=ACK&destination=x y"), webhook())),
              "failure bad_reply 200 url: the destination is neither a number nor a plain SIP URI: it holds U+0078");
}

/// An ACK in the body of an error does not count, a NAK or ERR does.
TEST(Decide, OtherStatusesAreFailures)
{
    for (const int status :
         {300, 301, 302, 304, 307, 308, 399, 400, 401, 403, 404, 429, 499, 500, 502, 503, 504, 599, 600, 999})
    {
        const std::string number = std::to_string(status);
        const std::string failure =
            "failure http_status " + number + " url: the web server answered with HTTP status " + number;
        EXPECT_EQ(shown(decided(response(status, ack), webhook())), failure);
        EXPECT_EQ(shown(decided(response(status, html), webhook())), failure);
        EXPECT_EQ(shown(decided(response(status, ""), webhook())), failure);
        EXPECT_EQ(shown(decided(response(status, nak), webhook())), "failure nak NAK name=Jan k=v " + number + " url");
        EXPECT_EQ(shown(decided(response(status, err), webhook())), "failure err ERR why=db " + number + " url");
    }
}

TEST(Decide, BodiesThatWereNotReadWhole)
{
    net::Response too_long = response(200, "");
    too_long.body_too_long = true;
    EXPECT_EQ(shown(decided(too_long, webhook())), "failure bad_reply 200 url: the body is longer than 64 KiB");
    too_long.status = 500;
    EXPECT_EQ(shown(decided(too_long, webhook())),
              "failure http_status 500 url: the web server answered with HTTP status 500");

    for (const char* const body : {ack, nak, "\x1F\x8B\x08", ""}) {
        net::Response coded = response(200, body);
        coded.body_is_coded = true;
        EXPECT_EQ(shown(decided(coded, webhook())),
                  "failure bad_reply 200 url: the body is compressed, which was not requested");
        coded.status = 404;
        EXPECT_EQ(shown(decided(coded, webhook())),
                  "failure http_status 404 url: the web server answered with HTTP status 404");
    }
}

TEST(Decide, BodiesThatBrokeOff)
{
    net::Response cut = response(200, "");
    cut.body_is_cut = true;
    EXPECT_EQ(shown(decided(cut, webhook())), "failure bad_reply 200 url: the body broke off");
    cut.status = 500;
    EXPECT_EQ(shown(decided(cut, webhook())),
              "failure http_status 500 url: the web server answered with HTTP status 500");
}

/// The start of a reply is no reply, but a no at its start is a no.
TEST(Decide, BodiesThatAreLongerThanTheirLength)
{
    for (const char* const body : {ack, nak, ""}) {
        net::Response cut = response(200, body);
        cut.length_is_wrong = true;
        EXPECT_EQ(
            shown(decided(cut, webhook())),
            "failure bad_reply 200 url: the body is longer than declared; Content-Length counts bytes, not characters");
    }
    net::Response refusing = response(404, nak);
    refusing.length_is_wrong = true;
    EXPECT_EQ(shown(decided(refusing, webhook())), "failure nak NAK name=Jan k=v 404 url");
}

/// Where no call waits for the reply, 2xx is the answer, for breaker and fallback too.
TEST(Decide, WhereNoReplyIsWantedAny2xxAnswers)
{
    const Call call{.did = *Did::from("+31502102544"), .callerid = {}, .callername = {}, .call_id = {}};
    const std::string parcel_id = "msg_1";
    const auto outcome_of = [&](const net::Response& response) {
        return decide(response, webhook(), {.call = call, .parcel_id = &parcel_id}).outcome;
    };
    for (const char* const body : {"thanks", html, "", "{}", nak, ack})
        for (const int status : {200, 204, 299})
            EXPECT_EQ(outcome_of(response(status, body)), Outcome::answered) << status << ' ' << body;
    net::Response cut = response(200, "");
    cut.body_is_cut = true;
    EXPECT_EQ(outcome_of(cut), Outcome::answered);
    EXPECT_EQ(outcome_of(response(404, nak)), Outcome::answered);
    EXPECT_EQ(outcome_of(response(503, "thanks")), Outcome::transient);
    EXPECT_EQ(outcome_of(response(404, "thanks")), Outcome::failed);

    EXPECT_EQ(decide(response(200, "thanks"), webhook(), {.call = call}).outcome, Outcome::failed);
    EXPECT_EQ(decide(response(200, ack), webhook(), {.call = call}).outcome, Outcome::success);
}

TEST(Decide, DestinationMustBeOneOfTheWebhooks)
{
    Webhook restricted = webhook();
    restricted.destinations = std::make_shared<const DestinationPatterns>(
        DestinationPatterns{*DestinationPattern::from("+31*"), *DestinationPattern::from("1??")});
    const std::pair<const char*, const char*> cases[] = {
        {"status=ACK&destination=%2B31502102544", "success ACK to=+31502102544 200 url"},
        {"status=ACK&destination=101", "success ACK to=101 200 url"},
        {"status=ACK", "success ACK 200 url"},
        {"status=ACK&destination=", "success ACK 200 url"},
        {"status=ACK&destination=%2B449001234&callername=Jan&k=v",
         "failure destination ACK name=Jan k=v 200 url: the reply's destination matches none of the webhook's "
         "destinations"},
        {"status=ACK&destination=sip:1@evil.example",
         "failure destination ACK 200 url: the reply's destination matches none of the webhook's destinations"},
        {"status=NAK&destination=%2B449001234", "failure nak NAK 200 url"},
    };
    for (const auto& [body, expected] : cases)
        EXPECT_EQ(shown(decided(response(200, body), restricted)), expected) << body;
}

Webhook reading(ReplyFormat format)
{
    Webhook read = webhook();
    ReplyOptions options = ReplyOptions::standard();
    options.format = format;
    read.reply = std::make_shared<const ReplyOptions>(std::move(options));
    return read;
}

TEST(Decide, JsonIsJudgedAsAFormIs)
{
    for (const auto& definition : {webhook(), reading(ReplyFormat::json)}) {
        EXPECT_EQ(shown(decided(response(200, R"({"status":"ACK","destination":101,"k":"v"})"), definition)),
                  "success ACK to=101 k=v 200 url");
        EXPECT_EQ(shown(decided(response(401, R"({"status":"NAK","callername":"Jan"})"), definition)),
                  "failure nak NAK name=Jan 401 url");
        EXPECT_EQ(shown(decided(response(404, R"({"status":false})"), definition)), "failure nak NAK 404 url");
        EXPECT_EQ(shown(decided(response(500, R"({"status":"ACK"})"), definition)),
                  "failure http_status 500 url: the web server answered with HTTP status 500");
        EXPECT_EQ(shown(decided(response(500, R"({"status":"NAK")"), definition)),
                  "failure http_status 500 url: the web server answered with HTTP status 500");
        EXPECT_EQ(shown(decided(response(200, R"({"status":"ACK",})"), definition)),
                  "failure bad_reply 200 url: the body is broken JSON at line 1, column 17: found U+007D");
    }
}

TEST(Decide, OfABodyThatIsTheName)
{
    const Webhook definition = reading(ReplyFormat::text);
    EXPECT_EQ(shown(decided(response(200, "Jan de Vries\n"), definition)), "success ACK name=Jan de Vries 200 url");
    EXPECT_EQ(shown(decided(response(200, ""), definition)), "failure nak NAK 200 url");
    EXPECT_EQ(shown(decided(response(204, ""), definition)), "failure nak NAK 204 url");
    EXPECT_EQ(shown(decided(response(404, "no such number"), definition)), "failure nak NAK 404 url");
    net::Response too_long = response(404, "");
    too_long.body_too_long = true;
    EXPECT_EQ(shown(decided(too_long, definition)), "failure nak NAK 404 url");
    for (const char* const body : {"", "Jan", "status=NAK"})
        EXPECT_EQ(shown(decided(response(500, body), definition)),
                  "failure http_status 500 url: the web server answered with HTTP status 500");
    EXPECT_EQ(shown(decided(response(200, "<html>"), definition)),
              "failure bad_reply 200 url: the body is an HTML page");
}

TEST(Decide, EachOfSeveralDestinationsMustBeOneOfTheWebhooks)
{
    Webhook restricted = webhook();
    restricted.reply = std::make_shared<const ReplyOptions>(ReplyOptions::standard().with_destinations(3));
    restricted.destinations =
        std::make_shared<const DestinationPatterns>(DestinationPatterns{*DestinationPattern::from("1??")});
    const Decision several = decided(response(200, "status=ACK&destination=101&destination=102"), restricted);
    EXPECT_EQ(shown(several), "success ACK to=101 200 url");
    ASSERT_NE(several.ringing, nullptr);
    EXPECT_EQ(several.ringing->destinations.size(), 2U);
    const Decision refused = decided(response(200, "status=ACK&destination=101&destination=0900"), restricted);
    EXPECT_EQ(refused.reason(), Reason::destination);
    EXPECT_EQ(refused.ringing, nullptr);
}

TEST(Decide, EachOfSeveralDestinationsIsComparedInE164AndDialledAsWritten)
{
    const Numbers numbers{.country = "31", .trunk = "0", .international = "00"};
    Webhook restricted = webhook();
    restricted.reply = std::make_shared<const ReplyOptions>(ReplyOptions::standard().with_destinations(3));
    restricted.destinations =
        std::make_shared<const DestinationPatterns>(DestinationPatterns{*DestinationPattern::from("+31*", numbers)});
    const Call call{.did = *Did::from("+31502102544"), .callerid = {}, .callername = {}, .call_id = {}};
    const Dispatch dispatch{.call = call, .numbers = &numbers};
    const auto judged = [&](std::string_view second) {
        const std::string body = "status=ACK&destination=0612345678&destination=" + std::string(second);
        return decide(response(200, body), restricted, dispatch).decision;
    };
    const Decision several = judged("0031201234567");
    EXPECT_EQ(shown(several), "success ACK to=0612345678 200 url");
    ASSERT_NE(several.ringing, nullptr);
    EXPECT_EQ(several.ringing->destinations.back().str(), "0031201234567");
    for (const char* const foreign : {"004930123456", "%2B4930123456", "101", "112"})
        EXPECT_EQ(judged(foreign).reason(), Reason::destination) << foreign;
}

TEST(Decide, EveryFailureOfTheExchangeHasItsReason)
{
    using Kind = net::FailureKind;
    using CancelReason = net::CancelReason;
    struct
    {
        Kind kind;
        CancelReason reason;
        const char* expected;
    } const cases[] = {
        {Kind::cancelled, CancelReason::deadline, "failure timeout: d"},
        {Kind::cancelled, CancelReason::shutdown, "failure shutdown: d"},
        {Kind::cancelled, CancelReason::abandoned, "failure shutdown: d"},
        {Kind::egress, CancelReason::none, "failure egress: d"},
        {Kind::dns, CancelReason::none, "failure dns: d"},
        {Kind::dns_timeout, CancelReason::none, "failure dns: d"},
        {Kind::connect, CancelReason::none, "failure connect: d"},
        {Kind::connect_timeout, CancelReason::none, "failure connect: d"},
        {Kind::tls, CancelReason::none, "failure tls: d"},
        {Kind::tls_timeout, CancelReason::none, "failure tls: d"},
        {Kind::bad_reply, CancelReason::none, "failure bad_reply: d"},
        {Kind::resources, CancelReason::none, "failure overload: d"},
        // What failed by itself just before it was stopped keeps its own reason.
        {Kind::connect, CancelReason::deadline, "failure connect: d"},
        {Kind::bad_reply, CancelReason::shutdown, "failure bad_reply: d"},
    };
    for (const auto& [kind, reason, expected] : cases)
        EXPECT_EQ(shown(decide(net::Failure{kind, "d"}, reason).decision), expected);
}

TEST(Decide, ADialplanThatDialsTheDestinationNeedsOne)
{
    EXPECT_EQ(shown(decided(response(200, ack), webhook(), true)), "success ACK to=101 name=Jan k=v 200 url");
    EXPECT_EQ(
        shown(decided(response(200, "status=ACK&callername=Jan&destination="), webhook(), true)),
        "failure bad_reply ACK name=Jan 200 url: the dialplan dials the reply's destination, but the reply has none");
    EXPECT_EQ(shown(decided(response(200, "status=NAK"), webhook(), true)), "failure nak NAK 200 url");
}

} // namespace
} // namespace dialhook::dispatch
