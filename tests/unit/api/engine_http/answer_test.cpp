#include "api/engine_http/answer.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace dialhook::engine_http {
namespace {

TEST(HttpAnswer, AsJson)
{
    EXPECT_EQ(http_text(stored_answer(), {}),
              "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 15\r\nCache-Control: no-store\r\n"
              "\r\n{\"stored\":true}");
}

TEST(HttpAnswer, AsAForm)
{
    EXPECT_EQ(http_text(stored_answer(), {.is_form = true, .has_body = true, .stays = false}),
              "HTTP/1.1 200 OK\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 11\r\n"
              "Cache-Control: no-store\r\nConnection: close\r\n\r\nstored=true");
}

TEST(HttpAnswer, ToHeadWithoutItsBody)
{
    const std::string text = http_text(stored_answer(), {.is_form = false, .has_body = false, .stays = true});
    EXPECT_NE(text.find("Content-Length: 15\r\n"), std::string::npos);
    EXPECT_TRUE(text.ends_with("\r\n\r\n"));
}

TEST(HttpAnswer, ErrorsHaveTheirStatusAndWhatItNeeds)
{
    struct
    {
        unsigned status;
        std::string_view head;
    } const cases[] = {
        {400, "HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\n"},
        {401, "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Bearer realm=\"dialhook\"\r\n"},
        {405, "HTTP/1.1 405 Method Not Allowed\r\nAllow: POST\r\n"},
        {503, "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\n"},
        {418, "HTTP/1.1 500 Internal Server Error\r\n"},
    };
    for (const auto& [status, head] : cases) {
        const HttpRefusal refusal{status, {RpcError::bad_state, "why \"not\""}};
        const std::string text = http_text(answer_of(refusal), {});
        EXPECT_TRUE(text.starts_with(head)) << text;
        EXPECT_TRUE(text.ends_with("\r\n\r\n{\"code\":-32003,\"message\":\"why \\\"not\\\"\"}")) << text;
    }
}

} // namespace
} // namespace dialhook::engine_http
