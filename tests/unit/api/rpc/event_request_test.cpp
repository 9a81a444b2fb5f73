#include "api/rpc/rpc_request.hpp"
#include "base/utc.hpp"
#include "events/words.hpp"

#include <gtest/gtest.h>

#include <string>

namespace dialhook::rpc {
namespace {

using namespace std::string_view_literals;

void add(std::string& text, std::string_view name, std::string_view value)
{
    if (!value.empty())
        text.append(" ").append(name).append("=").append(value);
}

template <class Word>
std::string_view word(const std::optional<Word>& one)
{
    return one ? to_string(*one) : std::string_view();
}

/// `KIND CALL_ID [field=value …]`
std::string shown(const events::Report& report)
{
    const events::Facts& facts = report.facts;
    std::string text = std::string(to_string(report.kind)) + ' ' + report.call_id.str();
    if (report.at)
        add(text, "at", std::to_string(milliseconds_since_1970(*report.at)));
    add(text, "direction", word(facts.direction));
    add(text, "did", facts.did.view());
    add(text, "callerid", facts.callerid.view());
    add(text, "callername", facts.callername.view());
    add(text, "presentation", word(facts.presentation));
    for (const CallText& target : facts.targets)
        add(text, "target", target.view());
    add(text, "answered_by", facts.answered_by.view());
    add(text, "transferred_by", facts.transferred_by.view());
    add(text, "transfer", word(facts.transfer));
    add(text, "reason", word(facts.reason));
    for (const CallVar& var : facts.vars)
        add(text, "var." + var.name, var.value);
    EXPECT_FALSE(report.is_implied);
    return text;
}

std::string read(std::string_view params)
{
    const Line line =
        read_line(R"({"jsonrpc":"2.0","id":1,"method":"call.event","params":)" + std::string(params) + "}");
    if (line.fault)
        return line.fault->message;
    const Asked& asks = line.requests.front().asks;
    if (const auto* fault = std::get_if<RequestFault>(&asks)) {
        EXPECT_EQ(fault->code, RpcError::invalid_params);
        return fault->message;
    }
    return shown(*std::get<EventReport>(asks));
}

struct Case
{
    std::string_view params;
    std::string_view read;
};

void expect_all(std::initializer_list<Case> cases)
{
    for (const auto& [params, expected] : cases)
        EXPECT_EQ(read(params), expected) << testing::PrintToString(params);
}

constexpr auto bad_call_id = "call_id must be the PBX's own name for the call, 1 to 256 bytes"sv;
constexpr auto bad_event = "event must be created, ringing, answered, transferred or ended"sv;

TEST(EventRequest, IsReadAsWritten)
{
    expect_all({
        {R"({"call_id":"a","event":"created"})", "created a"},
        {R"({"call_id":"a@pbx","event":"created","direction":"inbound","did":"+31502102544","callerid":"+31612345678",)"
         R"("callername":"Jan \u20ac","presentation":"prohibited","vars":{"tenant":"t1"}})",
         "created a@pbx direction=inbound did=+31502102544 callerid=+31612345678 callername=Jan € "
         "presentation=prohibited var.tenant=t1"},
        {R"({"event":"ringing","call_id":"a","targets":["101","sip:102@pbx"]})",
         "ringing a target=101 target=sip:102@pbx"},
        {R"({"event":"answered","call_id":"a","answered_by":"101","at":"1970-01-01T01:00:00.25+01:00"})",
         "answered a at=250 answered_by=101"},
        {R"({"event":"transferred","call_id":"a","transferred_by":"101","transfer":"blind"})",
         "transferred a transferred_by=101 transfer=blind"},
        {R"({"event":"transferred","call_id":"a","transfer":"attended"})", "transferred a transfer=attended"},
        {R"({"call_id":"a","event":"created","direction":"internal"})", "created a direction=internal"},
        {R"({"call_id":"a","event":"created","direction":"outbound"})", "created a direction=outbound"},
        {R"({"call_id":"\u0061","ev\u0065nt":"end\u0065d"})", "ended a"},
    });
    for (const std::string_view reason : events::end_reason_names)
        EXPECT_EQ(read(R"({"call_id":"a","event":"ended","reason":")" + std::string(reason) + "\"}"),
                  "ended a reason=" + std::string(reason));
}

TEST(EventRequest, WhatIsNullOrEmptyIsNotSaid)
{
    expect_all({
        {R"({"call_id":"a","event":"ended","at":null,"direction":null,"did":null,"callerid":null,"callername":null,)"
         R"("presentation":null,"targets":null,"answered_by":null,"transferred_by":null,"transfer":null,"reason":null,)"
         R"("vars":null})",
         "ended a"},
        {R"({"call_id":"a","event":"ended","at":"","direction":"","did":"","callerid":"","callername":"",)"
         R"("presentation":"","targets":[""],"answered_by":"","transferred_by":"","transfer":"","reason":"","vars":{}})",
         "ended a"},
        {R"({"call_id":"a","event":"ringing","targets":[null,"","1",null]})", "ringing a target=1"},
    });
}

TEST(EventRequest, OfMembersThatComeTwiceTheLastCounts)
{
    expect_all({
        {R"({"call_id":1,"call_id":"a","event":"x","event":"ended","targets":5,"targets":["1"],"targets":["2"]})",
         "ended a target=2"},
        {R"({"call_id":"a","event":"ended","vars":[],"vars":{"a":"1"},"did":"1","did":null})", "ended a var.a=1"},
        {R"({"call_id":"a","call_id":2,"event":"ended"})", "call_id must be a string"},
    });
}

TEST(EventRequest, AFaultNamesThePlace)
{
    expect_all({
        {"[]", "params must be an object with named parameters"},
        {"null", "params must be an object with named parameters"},
        {"{}", bad_call_id},
        {R"({"event":"created"})", bad_call_id},
        {R"({"event":"created","call_id":null})", bad_call_id},
        {R"({"event":"created","call_id":""})", bad_call_id},
        {R"({"event":"created","call_id":7})", "call_id must be a string"},
        {R"({"event":"created","call_id":"\ud800"})", "call_id holds a lone surrogate"},
        {R"({"call_id":"a"})", bad_event},
        {R"({"call_id":"a","event":""})", bad_event},
        {R"({"call_id":"a","event":"hangup"})", bad_event},
        {R"({"call_id":"a","event":"Ended"})",
         "event must be created, ringing, answered, transferred or ended; did you mean \"ended\"?"},
        {R"({"call_id":"a","event":"answerd"})",
         "event must be created, ringing, answered, transferred or ended; did you mean \"answered\"?"},
        {R"({"call_id":"a","event":5})", "event must be a string"},
        {R"({"call_id":"a","event":"ended","at":"now"})",
         "at must be a time with its offset, such as 2026-07-29T15:04:05.250+02:00"},
        {R"({"call_id":"a","event":"ended","at":1785330245})", "at must be a string"},
        {R"({"call_id":"a","event":"ended","direction":"in"})", "direction must be inbound, outbound or internal"},
        {R"({"call_id":"a","event":"ended","presentation":"restricted"})",
         "presentation must be allowed or prohibited"},
        {R"({"call_id":"a","event":"transferred","transfer":"warm"})", "transfer must be attended or blind"},
        {R"({"call_id":"a","event":"ended","reason":"noanswer"})",
         "reason must be completed, busy, no-answer, cancelled, declined, failed or unknown; did you mean "
         "\"no-answer\"?"},
        {R"({"call_id":"a","event":"ringing","targets":"101"})", "targets must be an array of strings"},
        {R"({"call_id":"a","event":"ringing","targets":["101",102]})", "targets[1] must be a string"},
        {R"({"call_id":"a","event":"ringing","targets":[["101"]]})", "targets[0] must be a string"},
        {R"({"call_id":"a","event":"ringing","targets":["\ud800"]})", "targets[0] holds a lone surrogate"},
        {R"({"call_id":"a","event":"ended","did":["1"]})", "did must be a string"},
        {R"({"call_id":"a","event":"ended","answered_by":{}})", "answered_by must be a string"},
        {R"({"call_id":"a","event":"ended","vars":{"a":1}})", "vars.a must be a string"},
        {R"({"call_id":"a","event":"ended","vars":"a"})", "vars must be an object of texts"},
    });
    EXPECT_EQ(read_line(R"({"jsonrpc":"2.0","id":1,"method":"call.event"})").requests.front().asks.index(),
              std::variant_size_v<Asked> - 1)
        << "without params it is a fault";
}

TEST(EventRequest, UnknownParametersAreIgnored)
{
    expect_all({
        {R"({"call_id":"a","event":"ended","webhook":5,"explain":"x","state":[],"x":{"y":[{}]},"":null,"Event":1})",
         "ended a"},
    });
}

/// A fault that names the call is worth more in the log.
TEST(EventRequest, AFaultSaysWhichCallItIsOf)
{
    const Line line =
        read_line(R"({"jsonrpc":"2.0","id":1,"method":"call.event","params":{"call_id":"a","did":"1","event":"x"}})");
    const auto& fault = std::get<RequestFault>(line.requests.front().asks);
    EXPECT_EQ(fault.about->call_id, "a");
    EXPECT_EQ(fault.about->did, "1");
}

TEST(EventRequest, TextsOfPeopleAreCutAndNamesOfCallsRefused)
{
    std::string euros; // 85 of three bytes each
    for (int count = 0; count < 85; ++count)
        euros += "€";
    const auto with = [](const std::string& name, const std::string& value) {
        return R"({"call_id":"a","event":"ended",")" + name + "\":\"" + value + "\"}";
    };
    for (const std::string name : {"callerid", "callername", "answered_by", "transferred_by"})
        EXPECT_EQ(read(with(name, euros + "€")), "ended a " + name + "=" + euros);
    EXPECT_EQ(read(R"({"call_id":"a","event":"ringing","targets":[")" + euros + R"(€"]})"),
              "ringing a target=" + euros);
    EXPECT_EQ(read(with("did", std::string(256, '1'))), "ended a did=" + std::string(256, '1'));
    EXPECT_EQ(read(with("did", std::string(257, '1'))), "did must be at most 256 bytes");
    EXPECT_EQ(read(with("call_id", std::string(256, '1'))), "ended " + std::string(256, '1'));
    EXPECT_EQ(read(with("call_id", std::string(257, '1'))), bad_call_id);
}

TEST(EventRequest, TheFirst32TargetsCount)
{
    std::string targets = R"("","0")";
    std::string expected = "ringing a target=0";
    for (int index = 1; index < 40; ++index) {
        targets += ",\"" + std::to_string(index) + '"';
        if (index < 32)
            expected += " target=" + std::to_string(index);
    }
    EXPECT_EQ(read(R"({"call_id":"a","event":"ringing","targets":[)" + targets + "]}"), expected);
}

TEST(EventRequest, WhoCallsMayBeTextThatIsNotUtf8)
{
    expect_all({
        {"{\"call_id\":\"a\",\"event\":\"created\",\"callername\":\"Zo\xEB\",\"callerid\":\"\xE9t\xE9\"}",
         "created a callerid=été callername=Zoë"},
        {"{\"call_id\":\"a\",\"event\":\"created\",\"vars\":{\"x\":\"Zo\xEB\"}}", "created a var.x=Zoë"},
        {"{\"call_id\":\"a\",\"event\":\"created\",\"answered_by\":\"Zo\xEB\"}", "the line is not JSON in UTF-8"},
    });
}

TEST(EventRequest, InABatchAndAsANotification)
{
    const Line line =
        read_line(R"([{"jsonrpc":"2.0","method":"call.event","params":{"call_id":"a","event":"ended"}},)"
                  R"({"params":{"event":"created","call_id":"b"},"method":"call.event","id":"x","jsonrpc":"2.0"}])");
    ASSERT_EQ(line.requests.size(), 2U);
    EXPECT_EQ(line.requests[0].id, "");
    EXPECT_EQ(shown(*std::get<EventReport>(line.requests[0].asks)), "ended a");
    EXPECT_EQ(line.requests[1].id, "\"x\"");
    EXPECT_EQ(shown(*std::get<EventReport>(line.requests[1].asks)), "created b");
}

} // namespace
} // namespace dialhook::rpc
