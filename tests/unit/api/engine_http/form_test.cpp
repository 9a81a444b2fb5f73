#include "api/engine_http/form.hpp"

#include <gtest/gtest.h>

#include <string_view>

namespace dialhook::engine_http {
namespace {

TEST(Form, AnAnswerIsFlat)
{
    struct
    {
        std::string_view json, form;
    } const cases[] = {
        {"{}", ""},
        {R"({"branch":"success","reason":null,"elapsed_ms":12.4,"x":true})", "branch=success&elapsed_ms=12.4&x=true"},
        {R"({"callername":"J & J=1 \u00e9\n","b":""})", "callername=J%20%26%20J%3D1%20%C3%A9%0A&b="},
        {R"({"callerid":{"number":"+31","presentation":"allowed"}})", "callerid=%2B31&presentation=allowed"},
        {R"({"callerid":{"number":null,"presentation":"prohibited"}})", "presentation=prohibited"},
        {R"({"variables":{"tier":"gold","branch":"failure"}})", "var.tier=gold&var.branch=failure"},
        {R"({"variables":{},"steps":[]})", ""},
        {R"({"destinations":["101","sip:a@b"],"strategy":"parallel"})",
         "destinations=101%2Csip%3Aa%40b&strategy=parallel"},
        {R"({"steps":["hangup"]})", "steps=%5B%22hangup%22%5D"},
        {R"({"steps":[{"dial":"101"}]})", "steps=%5B%7B%22dial%22%3A%22101%22%7D%5D"},
        {R"({"timing":{"dns":0.4}})", "timing=%7B%22dns%22%3A0.4%7D"},
        {R"({"code":-32001,"message":"there is no webhook \"x\""})",
         "code=-32001&message=there%20is%20no%20webhook%20%22x%22"},
    };
    for (const auto& [json, form] : cases)
        EXPECT_EQ(form_of(json), form) << json;
}

} // namespace
} // namespace dialhook::engine_http
