#include "api/rpc/answer.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <string>

namespace dialhook::rpc {
namespace {

using nlohmann::ordered_json;
using std::chrono::microseconds;

Webhook webhook(ForwardedNumber callerid = ForwardedNumber::caller)
{
    Webhook webhook{.name = *WebhookName::from("crm"),
                    .url = *UrlTemplate::parse("http://crm.lan/"),
                    .description = {},
                    .headers = {},
                    .tls = {},
                    .destinations = {}};
    webhook.callerid = callerid;
    return webhook;
}

RouteRequest route()
{
    RouteRequest route{.call = {.did = *Did::from("+31502102544"),
                                .callerid = *CallText::from("+31612345678"),
                                .callername = *CallerName::from("Jan"),
                                .call_id = {}},
                       .webhook = "crm"};
    return route;
}

dispatch::DispatchResult dispatched(Decision decision, microseconds elapsed = microseconds(12'400))
{
    dispatch::DispatchResult result(std::move(decision));
    result.elapsed = elapsed;
    return result;
}

Decision ack()
{
    Decision decision = Decision::success();
    decision.status = Status::ack;
    decision.destination = *Destination::from("+31502102544");
    decision.callername = "VoysTelecom";
    decision.http_status = 200;
    decision.source = Source::url;
    return decision;
}

/// A dispatch of `resolved` for a call, come to its end.
flow::CallFlow routed(dispatch::DispatchResult result, const RouteRequest& params,
                      const dispatch::ResolvedWebhook& resolved)
{
    return flow::CallFlow::answered({}, resolved, params.call, params.explain,
                                    std::make_unique<dispatch::DispatchResult>(std::move(result)));
}

void append_decision(std::string& out, std::string_view id, const RouteRequest& params, const Webhook& webhook,
                     dispatch::DispatchResult result)
{
    dispatch::ResolvedWebhook resolved{};
    resolved.webhook = &webhook;
    append_answer(out, id, routed(std::move(result), params, resolved));
}

/// The answer's text, which must be JSON with nothing around it.
std::string answer(const Decision& decision, const RouteRequest& params = route(),
                   const Webhook& definition = webhook(), std::string_view id = "7")
{
    std::string out = "before";
    append_decision(out, id, params, definition, dispatched(decision));
    EXPECT_TRUE(out.starts_with("before{"));
    out.erase(0, 6);
    EXPECT_TRUE(nlohmann::json::accept(out)) << out;
    EXPECT_EQ(out.find('\n'), std::string::npos) << out;
    return out;
}

/// `field` of the result, as JSON text.
std::string result_field(const std::string& text, const char* field)
{
    return ordered_json::parse(text).at("result").at(field).dump();
}

TEST(Answer, HasEveryFieldInItsOrder)
{
    EXPECT_EQ(answer(ack()),
              R"({"jsonrpc":"2.0","id":7,"result":{"action":"route","branch":"success","status":"ACK","reason":null,)"
              R"("destination":"+31502102544","callername":"VoysTelecom",)"
              R"("callerid":{"number":"+31612345678","presentation":"allowed"},"variables":{},"steps":[],"play":null,)"
              R"("webhook":"crm","source":"url","http_status":200,"elapsed_ms":12.4}})");
    EXPECT_EQ(ordered_json::parse(answer(ack())).dump(), answer(ack())) << "a library writes the same text";
}

TEST(Answer, SeveralDestinationsStandBesideTheFirst)
{
    using namespace std::chrono_literals;
    Decision decision = ack();
    decision.ringing = std::make_shared<const Ringing>(
        Ringing{{*decision.destination, *Destination::from("102")}, RingStrategy::sequential, 20s});
    const std::string several = answer(decision);
    EXPECT_NE(several.find(R"("destination":"+31502102544","destinations":["+31502102544","102"],)"
                           R"("strategy":"sequential","ring_s":20,"callername":)"),
              std::string::npos)
        << several;
    decision.ringing = std::make_shared<const Ringing>(Ringing{{*decision.destination}, {}, {}});
    EXPECT_EQ(result_field(answer(decision), "strategy"), R"("parallel")");
    EXPECT_EQ(result_field(answer(decision), "ring_s"), "null");
}

TEST(Answer, FailureHasItsReason)
{
    Decision nak = Decision::failure(Reason::nak);
    nak.status = Status::nak;
    nak.variables = {{"why", "unknown"}, {"queue-id", "a b"}};
    nak.http_status = 404;
    nak.source = Source::url;
    nak.detail = "for the log alone";
    EXPECT_EQ(
        answer(nak),
        R"({"jsonrpc":"2.0","id":7,"result":{"action":"route","branch":"failure","status":"NAK","reason":"nak",)"
        R"("destination":null,"callername":"Jan",)"
        R"("callerid":{"number":"+31612345678","presentation":"allowed"},"variables":{"why":"unknown","queue-id":"a b"},)"
        R"("steps":[],"play":null,"webhook":"crm","source":"url","http_status":404,"elapsed_ms":12.4}})");

    RouteRequest withheld = route();
    withheld.call.callerid = {};
    withheld.call.callername = {};
    EXPECT_EQ(
        answer(Decision::failure(Reason::timeout), withheld),
        R"({"jsonrpc":"2.0","id":7,"result":{"action":"route","branch":"failure","status":null,"reason":"timeout",)"
        R"("destination":null,"callername":null,"callerid":{"number":null,"presentation":"allowed"},)"
        R"("variables":{},"steps":[],"play":null,"webhook":"crm","source":null,"http_status":null,"elapsed_ms":12.4}})");
}

TEST(Answer, EveryReasonIsAWord)
{
    for (std::size_t index = 0; index < reason_count; ++index) {
        const auto reason = static_cast<Reason>(index);
        EXPECT_EQ(result_field(answer(Decision::failure(reason)), "reason"),
                  '"' + std::string(to_string(reason)) + '"');
    }
}

TEST(Answer, CallerIdIsForwardedAsTheWebhookSays)
{
    struct
    {
        ForwardedNumber forwarded;
        Presentation presentation;
        const char* callerid;
        const char* expected;
    } const cases[] = {
        {ForwardedNumber::caller, Presentation::allowed, "+31612345678",
         R"({"number":"+31612345678","presentation":"allowed"})"},
        {ForwardedNumber::caller, Presentation::prohibited, "+31612345678",
         R"({"number":"+31612345678","presentation":"prohibited"})"},
        {ForwardedNumber::caller, Presentation::allowed, "", R"({"number":null,"presentation":"allowed"})"},
        {ForwardedNumber::caller, Presentation::prohibited, "", R"({"number":null,"presentation":"prohibited"})"},
        {ForwardedNumber::called, Presentation::allowed, "+31612345678",
         R"({"number":"+31502102544","presentation":"allowed"})"},
        {ForwardedNumber::called, Presentation::prohibited, "",
         R"({"number":"+31502102544","presentation":"allowed"})"},
        {ForwardedNumber::suppressed, Presentation::allowed, "+31612345678",
         R"({"number":"+31612345678","presentation":"prohibited"})"},
        {ForwardedNumber::suppressed, Presentation::prohibited, "", R"({"number":null,"presentation":"prohibited"})"},
    };
    for (const auto& [forwarded, presentation, callerid, expected] : cases) {
        RouteRequest params = route();
        params.call.presentation = presentation;
        params.call.callerid = *CallText::from(callerid);
        EXPECT_EQ(result_field(answer(ack(), params, webhook(forwarded)), "callerid"), expected);
        EXPECT_EQ(result_field(answer(Decision::failure(Reason::dns), params, webhook(forwarded)), "callerid"),
                  expected);
    }
}

TEST(Answer, CallernameOfTheReplyComesFirst)
{
    RouteRequest nameless = route();
    nameless.call.callername = {};
    Decision unnamed = ack();
    unnamed.callername.clear();
    EXPECT_EQ(result_field(answer(ack()), "callername"), R"("VoysTelecom")");
    EXPECT_EQ(result_field(answer(unnamed), "callername"), R"("Jan")");
    EXPECT_EQ(result_field(answer(ack(), nameless), "callername"), R"("VoysTelecom")");
    EXPECT_EQ(result_field(answer(unnamed, nameless), "callername"), "null");
}

constexpr auto hostile = "\"},\"result\":{\"x\\\":\t\r\n\b\f\x01\x1F\x7F</script>\xE2\x80\xA8 \xF0\x9F\x98\x80 \\u0000";

/// `hostile` as a display or a dialplan may get it.
constexpr auto cleaned = "\"},\"result\":{\"x\\\":</script>\xE2\x80\xA8 \xF0\x9F\x98\x80 \\u0000";

TEST(Answer, HostileTextsStayWithinTheirStrings)
{
    Decision decision = ack();
    decision.callername = hostile;
    decision.variables = {{hostile, hostile}, {"k", hostile}};
    const ordered_json result = ordered_json::parse(answer(decision)).at("result");
    EXPECT_EQ(result.at("callername"), cleaned);
    EXPECT_EQ(result.at("variables"), (ordered_json{{hostile, hostile}, {"k", hostile}}));
    EXPECT_EQ(result.size(), 14U);

    std::string out;
    append_error(out, "\"a\"", {RpcError::internal_error, hostile});
    EXPECT_EQ(ordered_json::parse(out).at("error").at("message"), hostile);
    EXPECT_EQ(out.find('\n'), std::string::npos);
}

TEST(Answer, WhatACallerChoseLosesItsControlCharacters)
{
    Decision unnamed = ack();
    unnamed.callername.clear();
    RouteRequest params = route();
    params.call = {.did = *Did::from(hostile),
                   .callerid = *CallText::from(hostile),
                   .callername = *CallerName::from(hostile),
                   .call_id = {}};
    const ordered_json result = ordered_json::parse(answer(unnamed, params)).at("result");
    EXPECT_EQ(result.at("callername"), cleaned);
    EXPECT_EQ(result.at("callerid").at("number"), cleaned);
    const std::string called = answer(unnamed, params, webhook(ForwardedNumber::called));
    EXPECT_EQ(ordered_json::parse(called).at("result").at("callerid").at("number"), cleaned);

    params.call = {.did = *Did::from("\x01"),
                   .callerid = *CallText::from("\r\n"),
                   .callername = *CallerName::from("\x7F"),
                   .call_id = {}};
    EXPECT_EQ(result_field(answer(unnamed, params), "callername"), "null") << "nothing is left of it";
    EXPECT_EQ(result_field(answer(unnamed, params), "callerid"), R"({"number":null,"presentation":"allowed"})");
}

TEST(Answer, ElapsedTimeHasOneDecimal)
{
    struct
    {
        microseconds elapsed;
        const char* text;
    } const cases[] = {
        {microseconds(0), "0.0"},       {microseconds(99), "0.0"},           {microseconds(100), "0.1"},
        {microseconds(999), "0.9"},     {microseconds(1000), "1.0"},         {microseconds(12'449), "12.4"},
        {microseconds(10'050), "10.0"}, {microseconds(5'000'000), "5000.0"},
    };
    for (const auto& [elapsed, text] : cases) {
        std::string out;
        append_decision(out, "1", route(), webhook(), dispatched(ack(), elapsed));
        EXPECT_TRUE(out.ends_with(R"("elapsed_ms":)" + std::string(text) + "}}")) << out;
    }
}

TEST(Answer, ExplainsWhenAsked)
{
    RouteRequest params = route();
    params.explain = true;
    Decision refused = Decision::failure(Reason::connect);
    refused.detail = "cannot connect to 10.0.0.1:80: \"refused\"";
    dispatch::DispatchResult failed = dispatched(refused);
    failed.attempts.push_back({Source::url, Reason::connect, {}, refused.detail, 2, microseconds(12'400), {}});
    failed.timing[net::Phase::dns] = microseconds(1'500);
    failed.timing[net::Phase::read] = microseconds(250);
    failed.pauses = microseconds(41'099);
    std::string out;
    append_decision(out, "7", params, webhook(), failed);

    const ordered_json result = ordered_json::parse(out).at("result");
    EXPECT_EQ(result.at("timing").dump(),
              R"({"dns":1.5,"connect":0.0,"tls":0.0,"send":0.0,"wait":0.0,"read":0.2,"retries":41.0})");
    EXPECT_EQ(
        result.at("tries").dump(),
        R"([{"url":"url","reason":"connect","detail":"cannot connect to 10.0.0.1:80: \"refused\"","http_status":null,)"
        R"("redirects":2,"elapsed_ms":12.4}])");
    EXPECT_EQ(result.size(), 16U);

    out.clear();
    append_decision(out, "7", params, webhook(), dispatched(ack()));
    EXPECT_EQ(result_field(out, "tries"), "[]") << "nothing was asked";
}

TEST(Answer, IdStandsAsItCame)
{
    for (const std::string_view id : {"7", "-1.5e3", "null", "\"\"", R"("\u0061\"")"}) {
        const std::string head = R"({"jsonrpc":"2.0","id":)" + std::string(id) + ",";
        EXPECT_TRUE(answer(ack(), route(), webhook(), id).starts_with(head));
        std::string out;
        append_error(out, id, {RpcError::parse_error, "x"});
        EXPECT_TRUE(out.starts_with(head)) << out;
    }
}

TEST(Answer, AnEventIsStored)
{
    std::string out;
    append_stored(out, "7");
    EXPECT_EQ(out, R"({"jsonrpc":"2.0","id":7,"result":{"stored":true}})");
}

TEST(Answer, ACallIsCancelledOrWasNotThere)
{
    std::string out;
    append_cancelled(out, "7", true);
    append_cancelled(out, "8", false);
    EXPECT_EQ(out, R"({"jsonrpc":"2.0","id":7,"result":{"cancelled":true}})"
                   R"({"jsonrpc":"2.0","id":8,"result":{"cancelled":false}})");
}

TEST(Answer, ErrorsHaveTheirCodes)
{
    struct
    {
        RpcError code;
        const char* text;
    } const cases[] = {
        {RpcError::parse_error, "-32700"},      {RpcError::invalid_request, "-32600"},
        {RpcError::method_not_found, "-32601"}, {RpcError::invalid_params, "-32602"},
        {RpcError::internal_error, "-32603"},   {RpcError::unknown_webhook, "-32001"},
        {RpcError::no_dialplan, "-32002"},      {RpcError::bad_state, "-32003"},
        {RpcError::cancelled, "-32006"},
    };
    for (const auto& [code, text] : cases) {
        std::string out = "before";
        append_error(out, "null", {code, "jsonrpc must be \"2.0\""});
        EXPECT_EQ(out, R"(before{"jsonrpc":"2.0","id":null,"error":{"code":)" + std::string(text) +
                           R"(,"message":"jsonrpc must be \"2.0\""}})");
    }
}

} // namespace
} // namespace dialhook::rpc
