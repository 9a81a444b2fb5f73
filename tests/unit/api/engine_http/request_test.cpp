#include "api/engine_http/bearer.hpp"
#include "api/engine_http/request.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace dialhook::engine_http {
namespace {

Request posted(std::string_view target, std::string_view body)
{
    Request request;
    request.method = Request::Method::post;
    request.target = target;
    request.body = body;
    return request;
}

/// `STATUS CODE MESSAGE`, or what is asked for.
std::string read(const Request& request)
{
    const auto asked = read_asked(request);
    if (!asked)
        return std::to_string(asked.error().status) + ' ' + std::to_string(number_of(asked.error().fault.code)) + ' ' +
               asked.error().fault.message;
    if (const auto* route = std::get_if<flow::RouteRequest>(&*asked))
        return "route " + route->call.did.str() + ' ' + route->call.callername.str();
    if (const auto* next = std::get_if<flow::ContinueRequest>(&*asked))
        return "continue " + next->state;
    return "event " + std::get<rpc::EventReport>(*asked)->call_id.str();
}

TEST(HttpRequest, ThePathSaysTheMethodAndTheBodyHasTheParams)
{
    struct
    {
        std::string_view target, body, expected;
    } const cases[] = {
        {"/v1/route", R"({"did":"101","callername":"Jan"})", "route 101 Jan"},
        {"/v1/route", "{\"did\":\"101\",\"callername\":\"Jos\xe9\"}", "route 101 Jos\xc3\xa9"},
        {"/v1/route?x=1", R"( {"did":"101"} )", "route 101 "},
        {"/v1/continue", R"({"state":"s"})", "continue s"},
        {"/v1/event", R"({"call_id":"c","event":"ended"})", "event c"},
        {"/v1/route", "", "400 -32700 the body is not JSON in UTF-8"},
        {"/v1/route", R"({"did":"101"},"method":"call.event")", "400 -32700 the body is not JSON in UTF-8"},
        {"/v1/event", "{\"call_id\":\"\xff\",\"event\":\"ended\"}", "400 -32700 the body is not JSON in UTF-8"},
        {"/v1/route", "[]", "400 -32602 params must be an object with named parameters"},
        {"/v1/event", "1", "400 -32602 params must be an object with named parameters"},
        {"/v1/route", "{}", "400 -32602 did must be the number that was called, 1 to 256 bytes"},
        {"/v1/continue", "{}", "400 -32602 state must be the string of the last answer"},
        {"/v1/cancel", "{}", "404 -32601 unknown path; there are /v1/route, /v1/continue and /v1/event"},
        {"http://pbx:8443/v1/route?x=1", R"({"did":"101"})", "route 101 "},
        {"HTTPS://pbx/v1/continue", R"({"state":"s"})", "continue s"},
        {"http://pbx", "{}", "404 -32601 unknown path; there are /v1/route, /v1/continue and /v1/event"},
        {"http:/v1/route", "{}", "404 -32601 unknown path; there are /v1/route, /v1/continue and /v1/event"},
    };
    for (const auto& [target, body, expected] : cases)
        EXPECT_EQ(read(posted(target, body)), expected) << target << ' ' << testing::PrintToString(body);
}

TEST(HttpRequest, OnlyPost)
{
    Request request = posted("/v1/route", R"({"did":"101"})");
    request.method = Request::Method::other;
    EXPECT_EQ(read(request), "405 -32600 the method is POST");
    request.target = "/v2/route";
    EXPECT_TRUE(read(request).starts_with("404 "));
}

TEST(HttpRequest, EveryErrorHasAStatus)
{
    struct
    {
        RpcError code;
        unsigned status;
    } const cases[] = {
        {RpcError::parse_error, 400},      {RpcError::invalid_request, 400}, {RpcError::invalid_params, 400},
        {RpcError::method_not_found, 404}, {RpcError::unknown_webhook, 404}, {RpcError::no_dialplan, 404},
        {RpcError::bad_state, 409},        {RpcError::not_stored, 503},      {RpcError::stopping, 503},
        {RpcError::internal_error, 500},
    };
    for (const auto& [code, status] : cases)
        EXPECT_EQ(status_of(code), status) << number_of(code);
}

TEST(Bearer, OneOfTheTokens)
{
    const std::vector<std::string> tokens{"first", "second-token"};
    for (const std::string_view good : {"Bearer first", "bearer second-token", "BEARER  first "})
        EXPECT_TRUE(is_bearer_of(good, tokens)) << good;
    for (const std::string_view bad : {"", "Bearer", "Bearer ", "Bearer firs", "Bearer first2", "Bearer First", "first",
                                       "Basic first", "Bearer first second-token", "Bearerfirst"})
        EXPECT_FALSE(is_bearer_of(bad, tokens)) << bad;
    EXPECT_FALSE(is_bearer_of("Bearer ", {}));
}

} // namespace
} // namespace dialhook::engine_http
