#include "api/rpc/rpc_request.hpp"

#include <gtest/gtest.h>

#include <string>

namespace dialhook::rpc {
namespace {

using namespace std::string_view_literals;

std::string shown(const RequestFault& fault)
{
    return std::to_string(static_cast<int>(fault.code)) + " " + fault.message;
}

/// `id: route did [field=value …]`, or `id: code message`; a notification has no id.
std::string shown(const RpcRequest& request)
{
    std::string text = request.id + ": ";
    if (const auto* fault = std::get_if<RequestFault>(&request.asks))
        return text + shown(*fault);
    if (const auto* next = std::get_if<ContinueRequest>(&request.asks))
        return text + "continue " + next->state + (next->code ? " code=" + *next->code : "") +
               (next->timeout ? " timeout" : "");
    if (const auto* cancel = std::get_if<CancelRequest>(&request.asks))
        return text + "cancel " + cancel->id;
    const auto& route = std::get<RouteRequest>(request.asks);
    text += "route " + route.call.did.str();
    if (!route.call.callerid.empty())
        text += " callerid=" + route.call.callerid.str();
    if (!route.call.callername.empty())
        text += " callername=" + route.call.callername.str();
    if (!route.call.call_id.empty())
        text += " call_id=" + route.call.call_id.str();
    if (route.call.presentation == Presentation::prohibited)
        text += " prohibited";
    if (route.webhook)
        text += " webhook=" + *route.webhook;
    if (route.explain)
        text += " explain";
    return text;
}

std::string read(std::string_view text)
{
    const Line line = read_line(text);
    if (line.fault)
        return shown(*line.fault);
    std::string all = line.is_batch ? "batch" : "";
    for (const RpcRequest& request : line.requests)
        all += (line.is_batch ? " [" : "") + shown(request) + (line.is_batch ? "]" : "");
    return all;
}

struct Case
{
    std::string_view text;
    std::string_view read;
};

void expect_all(std::initializer_list<Case> cases)
{
    for (const auto& [text, expected] : cases)
        EXPECT_EQ(read(text), expected) << testing::PrintToString(text);
}

std::string with_params(std::string_view params)
{
    return R"({"jsonrpc":"2.0","id":1,"method":"call.route","params":)" + std::string(params) + "}";
}

/// The line of a call whose parameters are `params`.
void expect_params(std::initializer_list<Case> cases)
{
    for (const auto& [params, expected] : cases)
        EXPECT_EQ(read(with_params(params)), "1: " + std::string(expected)) << testing::PrintToString(params);
}

constexpr auto parse_error = "-32700 the line is not JSON in UTF-8"sv;
constexpr auto no_object = "-32602 params must be an object with named parameters"sv;
constexpr auto bad_did = "-32602 did must be the number that was called, 1 to 256 bytes"sv;

TEST(RpcRequest, IsReadAsWritten)
{
    expect_all({
        {R"({"jsonrpc":"2.0","id":7,"method":"call.route","params":{"webhook":"crm","did":"+31502102544","callerid":"+31612345678"}})",
         "7: route +31502102544 callerid=+31612345678 webhook=crm"},
        {R"({"params":{"did":"1"},"method":"call.route","id":7,"jsonrpc":"2.0"})", "7: route 1"},
        {R"( { "jsonrpc" : "2.0" , "id" : 7 , "method" : "call.route" , "params" : { "did" : "1" } } )", "7: route 1"},
        {R"({"jsonrpc":"2.0","id":7,"method":"call.route","params":{"did":"1"},"extra":[{}],"":null})", "7: route 1"},
        {R"({"json\u0072pc":"2\u002e0","\u0069d":7,"m\u0065thod":"call\u002eroute","params":{"\u0064id":"1"}})",
         "7: route 1"},
    });
}

TEST(RpcRequest, IdIsEchoedVerbatim)
{
    for (const std::string_view id :
         {"7", "-7", "0", "1.5", "1e3", "1E+400", "-0.0", "123456789012345678901234567890", "null", "\"\"", R"("a")",
          R"("\u0061\n\"\\")", R"("\ud800")", "\"\xE2\x82\xAC\"", R"("call.route")"})
    {
        EXPECT_EQ(
            read(R"({"jsonrpc":"2.0","method":"call.route","params":{"did":"1"},"id": )" + std::string(id) + " }"),
            std::string(id) + ": route 1");
        EXPECT_EQ(read(R"({"jsonrpc":"2.0","method":"x","id":)" + std::string(id) + "}"),
                  std::string(id) +
                      ": -32601 unknown method; there are call.route, call.continue, call.cancel and call.event");
    }
    for (const std::string_view id : {"true", "false", "[]", "[1]", "{}", R"({"id":1})"})
        EXPECT_EQ(read(R"({"jsonrpc":"2.0","method":"call.route","params":{"did":"1"},"id":)" + std::string(id) + "}"),
                  "null: -32600 id must be a string, a number or null");
}

TEST(RpcRequest, WithoutAnIdIsANotification)
{
    expect_all({
        {R"({"jsonrpc":"2.0","method":"call.route","params":{"did":"1"}})", ": route 1"},
        {R"({"jsonrpc":"2.0","method":"call.route"})",
         ": -32602 did must be the number that was called, 1 to 256 bytes"},
        {R"({"jsonrpc":"2.0","method":"x"})",
         ": -32601 unknown method; there are call.route, call.continue, call.cancel and call.event"},
        // What is no request at all is answered, since nobody can say whether it was meant as a notification.
        {R"({"jsonrpc":"1.0","method":"call.route"})", "null: -32600 jsonrpc must be \"2.0\""},
        {R"({"jsonrpc":"2.0"})", "null: -32600 method must be a string"},
        {"{}", "null: -32600 jsonrpc must be \"2.0\""},
    });
}

TEST(RpcRequest, ThatIsNoneIsInvalid)
{
    constexpr auto version = "1: -32600 jsonrpc must be \"2.0\""sv;
    constexpr auto method = "1: -32600 method must be a string"sv;
    constexpr auto no_method =
        "1: -32601 unknown method; there are call.route, call.continue, call.cancel and call.event"sv;
    expect_all({
        {"1", "null: -32600 a request is an object"},
        {"\"call.route\"", "null: -32600 a request is an object"},
        {"null", "null: -32600 a request is an object"},
        {"true", "null: -32600 a request is an object"},
        {R"({"id":1,"method":"call.route","params":{"did":"1"}})", version},
        {R"({"jsonrpc":2.0,"id":1,"method":"call.route"})", version},
        {R"({"jsonrpc":"2","id":1,"method":"call.route"})", version},
        {R"({"jsonrpc":null,"id":1,"method":"call.route"})", version},
        {R"({"jsonrpc":["2.0"],"id":1,"method":"call.route"})", version},
        {R"({"jsonrpc":"2.0\ud800","id":1,"method":"call.route"})", version},
        {R"({"jsonrpc":"2.0","id":1})", method},
        {R"({"jsonrpc":"2.0","id":1,"method":1})", method},
        {R"({"jsonrpc":"2.0","id":1,"method":null})", method},
        {R"({"jsonrpc":"2.0","id":1,"method":["call.route"]})", method},
        {R"({"jsonrpc":"2.0","id":1,"method":""})", no_method},
        {R"({"jsonrpc":"2.0","id":1,"method":"call.Route"})", no_method},
        {R"({"jsonrpc":"2.0","id":1,"method":"call.route "})", no_method},
        {R"({"jsonrpc":"2.0","id":1,"method":"call.route\u0000"})", no_method},
        {R"({"jsonrpc":"2.0","id":1,"method":"call.route\ud800"})", no_method},
        {R"({"jsonrpc":"2.0","id":1,"method":"rpc.discover","params":[1]})", no_method},
        {R"({"jsonrpc":"2.0","id":1,"Method":"call.route"})", method},
        {R"({"jsonrpc":"2.0","id":1,"method\ud800":"call.route"})", method},
    });
}

/// JSON leaves it open; ours is what most parsers do. No part of an earlier one is left over.
TEST(RpcRequest, OfMembersThatComeTwiceTheLastCounts)
{
    expect_all({
        {R"({"jsonrpc":"1.0","jsonrpc":"2.0","id":1,"id":2,"method":"x","method":"call.route","params":[],"params":{"did":"1"}})",
         "2: route 1"},
        {R"({"jsonrpc":"2.0","jsonrpc":"1.0","id":1,"method":"call.route","params":{"did":"1"}})",
         "1: -32600 jsonrpc must be \"2.0\""},
        {R"({"jsonrpc":"2.0","jsonrpc":2,"id":1,"method":"call.route","params":{"did":"1"}})",
         "1: -32600 jsonrpc must be \"2.0\""},
        {R"({"jsonrpc":"2.0","id":1,"method":"call.route","method":1,"params":{"did":"1"}})",
         "1: -32600 method must be a string"},
        {R"({"jsonrpc":"2.0","id":[],"id":1,"method":"call.route","params":{"did":"1"}})", "1: route 1"},
        {R"({"jsonrpc":"2.0","id":1,"id":[],"method":"call.route","params":{"did":"1"}})",
         "null: -32600 id must be a string, a number or null"},
    });
    expect_params({
        {R"({"did":"1","did":"2","webhook":"a","webhook":"b"})", "route 2 webhook=b"},
        {R"({"did":1,"did":"2","callerid":{},"callerid":null})", "route 2"},
        {R"({"did":"1","did":2})", "-32602 did must be a string"},
        {R"({"did":"1","explain":1,"explain":true})", "route 1 explain"},
        {R"({"did":"1","explain":true,"explain":false})", "route 1"},
    });
    EXPECT_EQ(
        read(
            R"({"jsonrpc":"2.0","id":1,"method":"call.route","params":{"did":"1","explain":true},"params":{"did":"2"}})"),
        "1: route 2");
}

TEST(RpcRequest, ParamsAreAnObject)
{
    expect_params({
        {"[]", no_object},
        {R"(["+31502102544"])", no_object},
        {R"([{"did":"1"}])", no_object},
        {"null", no_object},
        {"1", no_object},
        {"\"did\"", no_object},
        {"true", no_object},
        {"{}", bad_did},
    });
    EXPECT_EQ(read(R"({"jsonrpc":"2.0","id":1,"method":"call.route"})"), "1: " + std::string(bad_did));
}

TEST(RpcRequest, DidIsNeeded)
{
    const std::string longest(256, '1');
    expect_params({
        {R"({"did":""})", bad_did},
        {R"({"did":null})", bad_did},
        {R"({"did":1})", "-32602 did must be a string"},
        {R"({"did":["1"]})", "-32602 did must be a string"},
        {R"({"did":{}})", "-32602 did must be a string"},
        {R"({"did":true})", "-32602 did must be a string"},
        {R"({"did":"\u0001\u007f"})", "route \x01\x7F"}, // whoever puts it out encodes it
        {R"({"Did":"1"})", bad_did},
        {R"({"did\ud800":"1"})", bad_did},
        {R"({"did":"\ud800"})", "-32602 did holds a lone surrogate"},
        {R"({"did":"1\udc00"})", "-32602 did holds a lone surrogate"},
        {R"({"did":"sip:101@pbx"})", "route sip:101@pbx"},
    });
    EXPECT_EQ(read(with_params(R"({"did":")" + longest + "\"}")), "1: route " + longest);
    EXPECT_EQ(read(with_params(R"({"did":"1)" + longest + "\"}")), "1: " + std::string(bad_did));
}

TEST(RpcRequest, CallIsNeverRefusedForItsCaller)
{
    expect_params({
        {R"({"did":"1","callerid":null,"callername":null})", "route 1"},
        {R"({"did":"1","callerid":"","callername":""})", "route 1"},
        {R"({"did":"1","callerid":"anonymous","callername":"Jan & <b>"})",
         "route 1 callerid=anonymous callername=Jan & <b>"},
        {R"({"did":"1","callerid":"sip:jan@example.com;x=\"y\""})", "route 1 callerid=sip:jan@example.com;x=\"y\""},
        {R"({"did":"1","callername":"M\u00fcller \u20ac \ud83d\ude00"})", "route 1 callername=Müller € 😀"},
        {R"({"did":"1","callername":"a\r\nb\u0085\u007f"})", "route 1 callername=a\r\nb\xC2\x85\x7F"},
        {R"({"did":"1","callerid":"\u0000"})", "route 1 callerid=\0"sv},
        {R"({"did":"1","call_id":"1-2@pbx"})", "route 1 call_id=1-2@pbx"},
        {R"({"did":"1","call_id":null,"presentation":null,"webhook":null,"explain":null})", "route 1"},
    });
}

TEST(RpcRequest, TextsHoldAtMost256Bytes)
{
    std::string euros; // 85 of three bytes each
    for (int count = 0; count < 85; ++count)
        euros += "€";
    const auto line = [](const std::string& name, const std::string& value) {
        return with_params(R"({"did":"1",")" + name + "\":\"" + value + "\"}");
    };
    for (const std::string name : {"callerid", "callername", "call_id"}) {
        EXPECT_EQ(read(line(name, euros + "x")), "1: route 1 " + name + "=" + euros + "x");
        EXPECT_EQ(read(line(name, std::string(256, 'a'))), "1: route 1 " + name + "=" + std::string(256, 'a'));
    }
    EXPECT_EQ(read(line("call_id", euros + "xy")), "1: -32602 call_id must be at most 256 bytes");
    // No call is refused for who calls.
    for (const std::string name : {"callerid", "callername"}) {
        EXPECT_EQ(read(line(name, std::string(257, 'a'))), "1: route 1 " + name + "=" + std::string(256, 'a'));
        EXPECT_EQ(read(line(name, euros + "xy")), "1: route 1 " + name + "=" + euros + "x");
        EXPECT_EQ(read(line(name, euros + "€")), "1: route 1 " + name + "=" + euros);
        EXPECT_EQ(read(line(name, euros + euros)), "1: route 1 " + name + "=" + euros);
    }
}

TEST(RpcRequest, WhoCallsMayBeTextThatIsNotUtf8)
{
    expect_params({
        {"{\"did\":\"1\",\"callername\":\"Zo\xEB\"}", "route 1 callername=Zoë"},
        {"{\"did\":\"1\",\"callerid\":\"O\x92\"}", "route 1 callerid=O’"},
        {"{\"did\":\"1\",\"callername\" :\t\"Bäcker M\xC3\",\"callerid\":\"\xE9t\xE9\"}",
         "route 1 callerid=été callername=Bäcker M"},
        {"{\"did\":\"1\",\"callername\":\"\xEB\\\"\\u20ac\\\\\"}", "route 1 callername=ë\"€\\"},
    });
    for (const auto params :
         {"{\"did\":\"Zo\xEB\"}"sv, "{\"did\":\"1\",\"call_id\":\"Zo\xEB\"}"sv,
          "{\"did\":\"1\",\"callername\":\"Zo\xEB\",\"webhook\":\"\xEB\"}"sv,
          "{\"did\":\"1\",\"callername\":\"Zo\xEB\",\"x\":[\"\xEB\"]}"sv, "{\"did\":\"1\",\"callername\xEB\":\"Zo\"}"sv,
          "{\"did\":\"1\",\"callername\":\xEB}"sv, "{\"did\":\"1\",\"callername\":[\"\xEB\"]}"sv})
        EXPECT_EQ(read(with_params(params)), parse_error) << testing::PrintToString(params);
    EXPECT_EQ(read("{\"callername\":\"\xEB"), parse_error);
    EXPECT_EQ(read("{\"callername\":\"\xEB\\"), parse_error);
    EXPECT_EQ(read("{\"callername\":\""), parse_error);
}

TEST(RpcRequest, ParamsOfAWrongTypeAreRefused)
{
    for (const std::string name : {"callerid", "callername", "call_id", "presentation", "webhook"}) {
        for (const std::string value : {"1", "true", "false", "[]", "{}", R"(["x"])", R"({"number":"1"})"})
            EXPECT_EQ(read(with_params(R"({"did":"1",")" + name + "\":" + value + "}")),
                      "1: -32602 " + name + " must be a string");
        for (const std::string value : {R"("\ud800")", R"("a\udfffb")", R"("\udc00\ud800")", R"("\ud83d\ud83d\ude00")"})
            EXPECT_EQ(read(with_params(R"({"did":"1",")" + name + "\":" + value + "}")),
                      "1: -32602 " + name + " holds a lone surrogate");
    }
    for (const std::string value : {"1", "0", "\"true\"", "[]", "{}", R"("\ud800")"})
        EXPECT_EQ(read(with_params(R"({"did":"1","explain":)" + value + "}")),
                  "1: -32602 explain must be true or false");
    expect_params({
        {R"({"did":"1","presentation":"allowed"})", "route 1"},
        {R"({"did":"1","presentation":"prohibited"})", "route 1 prohibited"},
        {R"({"did":"1","presentation":"Prohibited"})", "-32602 presentation must be allowed or prohibited"},
        {R"({"did":"1","presentation":""})", "-32602 presentation must be allowed or prohibited"},
        {R"({"did":"1","presentation":"restricted"})", "-32602 presentation must be allowed or prohibited"},
        {R"({"did":"1","webhook":""})", "route 1 webhook="},
        {R"({"did":"1","webhook":"a/b\n"})", "route 1 webhook=a/b\n"},
        {R"({"did":"1","explain":true})", "route 1 explain"},
        {R"({"did":"1","explain":false})", "route 1"},
    });
}

TEST(RpcRequest, UnknownParamsAreIgnored)
{
    expect_params({
        {R"({"did":"1","x":1,"y":{"did":"2"},"z":[[{"did":"3"}]],"":null,"DID":"4"})", "route 1"},
        {R"({"did":"1","code":"\ud800"})", "route 1"},
        {R"({"did":"1","callerid\ud800":5,"\udc00webhook":"crm"})", "route 1"},
    });
}

TEST(RpcRequest, BatchIsReadInOrder)
{
    expect_all({
        {R"([{"jsonrpc":"2.0","id":1,"method":"call.route","params":{"did":"1"}}])", "batch [1: route 1]"},
        {R"( [ {"jsonrpc":"2.0","id":"b","method":"call.route","params":{"did":"2"}} , {"jsonrpc":"2.0","method":"call.route","params":{"did":"1"}} ] )",
         "batch [\"b\": route 2] [: route 1]"},
        {R"([1,[],{"id":3},"x"])", "batch [null: -32600 a request is an object] [null: -32600 a request is an object] "
                                   "[3: -32600 jsonrpc must be \"2.0\"] [null: -32600 a request is an object]"},
        {R"([[{"jsonrpc":"2.0","id":1,"method":"call.route","params":{"did":"1"}}]])",
         "batch [null: -32600 a request is an object]"},
        {"[]", "-32600 a batch holds at least one request"},
        {" [ ] ", "-32600 a batch holds at least one request"},
        {R"([{"jsonrpc":"2.0","id":1,"method":"call.route"},{"jsonrpc":"2.0","met)", parse_error},
        {"[1,]", parse_error},
        {"[1,2", parse_error},
        {"[1}", parse_error},
        {"[1]]", parse_error},
    });
}

std::string batch_of(std::size_t count, std::string_view request)
{
    std::string text = "[";
    for (std::size_t index = 0; index < count; ++index)
        text.append(index == 0 ? "" : ",").append(request);
    return text + "]";
}

TEST(RpcRequest, BatchHoldsAtMost256)
{
    constexpr auto request = R"({"jsonrpc":"2.0","id":1,"method":"call.route","params":{"did":"1"}})"sv;
    const Line full = read_line(batch_of(256, request));
    EXPECT_FALSE(full.fault);
    EXPECT_TRUE(full.is_batch);
    EXPECT_EQ(full.requests.size(), 256U);
    EXPECT_EQ(shown(full.requests.back()), "1: route 1");

    EXPECT_EQ(read(batch_of(257, request)), "-32600 a batch holds at most 256 requests");
    EXPECT_EQ(read(batch_of(257, "{}")), "-32600 a batch holds at most 256 requests");
    EXPECT_EQ(read(batch_of(20'000, "1")), "-32600 a batch holds at most 256 requests");
    EXPECT_EQ(read(batch_of(257, request) + "x"), parse_error);
    EXPECT_EQ(read(batch_of(257, "{]")), parse_error);
}

TEST(RpcRequest, WhatIsNotJsonIsAParseError)
{
    for (const std::string_view text : {""sv,
                                        " "sv,
                                        "x"sv,
                                        "{"sv,
                                        "}"sv,
                                        "{}}"sv,
                                        "{} {}"sv,
                                        R"({"jsonrpc":"2.0")"sv,
                                        R"({"jsonrpc":"2.0",})"sv,
                                        R"({"jsonrpc":"2.0","id":01})"sv,
                                        R"({"jsonrpc":"2.0","id":1,"method":"call.route","params":{"did":"1}})"sv,
                                        R"({'jsonrpc':'2.0'})"sv,
                                        "{\"a\":\"\t\"}"sv,
                                        "{\"a\":\"\x00\"}"sv,
                                        "{\"a\":1}\0"sv,
                                        R"({"a":"\x41"})"sv,
                                        R"({"params":{"did":"1",}})"sv,
                                        R"({"params":{"did"}})"sv,
                                        R"({"params":{"did":tru}})"sv,
                                        R"({"method":"a\uD8"})"sv,
                                        "\xEF\xBB\xBF{}"sv,
                                        "{\"a\":\"\xFF\"}"sv,
                                        "{\"a\":\"\xED\xA0\x80\"}"sv,
                                        "{\"a\":\"\xC0\x80\"}"sv,
                                        "{\"a\":\"\xE9\"}"sv,
                                        "{}\xC2\xA0"sv,
                                        "{\"params\":{\"did\":\"1\",\"x\":\"\xF4\x90\x80\x80\"}}"sv})
        EXPECT_EQ(read(text), parse_error) << testing::PrintToString(text);
}

TEST(RpcRequest, DeepNestingIsHarmless)
{
    constexpr std::size_t depth = 30'000;
    const std::string nested = std::string(depth, '[') + std::string(depth, ']');
    EXPECT_EQ(read(nested), "batch [null: -32600 a request is an object]");
    EXPECT_EQ(read(std::string(depth, '[')), parse_error);
    EXPECT_EQ(read(with_params(nested)), "1: " + std::string(no_object));
    EXPECT_EQ(read(with_params(R"({"did":)" + nested + "}")), "1: -32602 did must be a string");
    EXPECT_EQ(read(with_params(R"({"did":"1","x":)" + nested + "}")), "1: route 1");
    EXPECT_EQ(read(R"({"jsonrpc":"2.0","method":"call.route","id":)" + nested + "}"),
              "null: -32600 id must be a string, a number or null");
    std::string objects;
    for (std::size_t index = 0; index < depth; ++index)
        objects += R"({"a":)";
    EXPECT_EQ(read(objects), parse_error);
}

TEST(RpcRequest, ContinueBringsBackTheStateAndWhatTheCallerDid)
{
    const auto line = [](std::string_view params) {
        return R"({"jsonrpc":"2.0","id":1,"method":"call.continue","params":)" + std::string(params) + "}";
    };
    struct
    {
        const char* params;
        const char* expected;
    } const cases[] = {
        {R"({"state":"dh1.AA"})", "1: continue dh1.AA"},
        {R"({"state":"s","code":"12#"})", "1: continue s code=12#"},
        {R"({"state":"s","code":""})", "1: continue s code="},
        {R"({"state":"s","code":null,"timeout":true})", "1: continue s timeout"},
        {R"({"state":"s","timeout":false,"x":{}})", "1: continue s"},
        {R"({"state":"s","timeout":null})", "1: continue s"},
        {R"({"state":"s","code":"1","timeout":true})", "1: continue s code=1 timeout"},
        {R"({})", "1: -32602 state must be the string of the last answer"},
        {R"({"state":null})", "1: -32602 state must be the string of the last answer"},
        {R"({"state":7})", "1: -32602 state must be the string of the last answer"},
        {R"({"state":"\ud800"})", "1: -32602 state must be the string of the last answer"},
        {R"({"state":"s","code":1234})", "1: -32602 code must be a string"},
        {R"({"state":"s","code":["1"]})", "1: -32602 code must be a string"},
        {R"({"state":"s","code":"\ud800"})", "1: -32602 code holds a lone surrogate"},
        {R"({"state":"s","timeout":1})", "1: -32602 timeout must be true or false"},
        {R"(["s"])", "1: -32602 params must be an object with named parameters"},
    };
    for (const auto& [params, expected] : cases)
        EXPECT_EQ(read(line(params)), expected) << params;
}

TEST(RpcRequest, CancelNamesACallAsItWasWritten)
{
    constexpr auto bad_id = "1: -32602 id must be that of a call under way on this connection, a string or a number"sv;
    const auto line = [](std::string_view params) {
        return R"({"jsonrpc":"2.0","id":1,"method":"call.cancel","params":)" + std::string(params) + "}";
    };
    const Case cases[] = {
        {R"({"id":7})", "1: cancel 7"},
        {R"({"id":-1.50})", "1: cancel -1.50"},
        {R"({"x":1,"id": "a\u0062" })", R"(1: cancel "a\u0062")"},
        {R"({})", bad_id},
        {R"({"id":null})", bad_id},
        {R"({"id":true})", bad_id},
        {R"({"id":[7]})", bad_id},
        {R"([7])", "1: -32602 params must be an object with named parameters"},
    };
    for (const auto& [params, expected] : cases)
        EXPECT_EQ(read(line(params)), expected) << params;
}

} // namespace
} // namespace dialhook::rpc
