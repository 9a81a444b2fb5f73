#include "api/rpc/shown_exchange.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <string>

namespace dialhook::rpc {
namespace {

using nlohmann::ordered_json;

/// A webhook with every kind of secret in its requests.
class ShownExchange : public testing::Test
{
protected:
    ShownExchange()
    {
        config::Configuration configuration;
        Webhook webhook{.name = *WebhookName::from("crm"),
                        .url = *UrlTemplate::parse("http://jan:passw0rd@crm.test/"),
                        .description = {},
                        .headers = {},
                        .tls = {},
                        .destinations = {}};
        webhook.headers = std::make_shared<const std::vector<RequestHeader>>(
            std::vector{*RequestHeader::from("X-Key", "Token tok-123456"), *RequestHeader::from("X-Tenant", "17")});
        configuration.webhooks.push_back(std::move(webhook));
        net::TlsContexts contexts;
        snapshot_ = dispatch::Snapshot::make(std::move(configuration), contexts, nullptr);
    }

    ordered_json shown(const dispatch::ExchangeReport& exchange) const
    {
        return shown_exchange(exchange, SecretMask(snapshot_->webhooks().front()));
    }

    std::shared_ptr<const dispatch::Snapshot> snapshot_;
};

std::string value_of(const ordered_json& message, std::string_view name)
{
    for (const auto& header : message.at("headers"))
        if (header.at("name") == name)
            return header.at("value");
    return "(none)";
}

TEST_F(ShownExchange, TheUrlIsPutTogetherAgain)
{
    struct
    {
        dispatch::ExchangeReport exchange;
        const char* url;
    } const cases[] = {
        {{false, true, "GET /a?b=c HTTP/1.1\r\nHost: crm.test:81\r\n\r\n", {}, {}}, "http://crm.test:81/a?b=c"},
        {{true, true, "POST / HTTP/1.1\r\nHost: [2001:db8::1]\r\n\r\nx", {}, {}}, "https://[2001:db8::1]/"},
        {{false, true, "GET http://crm.test/x HTTP/1.1\r\nHost: crm.test\r\n\r\n", {}, {}}, "http://crm.test/x"},
    };
    for (const auto& [exchange, url] : cases)
        EXPECT_EQ(shown(exchange).at("url"), url);
}

TEST_F(ShownExchange, SecretsOfTheRequestAreMasked)
{
    const std::string request = "GET / HTTP/1.1\r\nHost: crm.test\r\nauthorization: Basic amFuOnBhc3N3MHJk\r\n"
                                "X-Key: Token tok-123456\r\nX-Tenant: 17\r\nProxy-Authorization: Basic eA==\r\n"
                                "webhook-id: msg_1\r\nwebhook-signature: v1,abc\r\n\r\n";
    const ordered_json own = shown({false, true, request, {}, {}}).at("request");
    for (const char* name : {"authorization", "X-Key", "X-Tenant", "Proxy-Authorization", "webhook-signature"})
        EXPECT_EQ(value_of(own, name), "***") << name;
    EXPECT_EQ(value_of(own, "Host"), "crm.test");
    EXPECT_EQ(value_of(own, "webhook-id"), "msg_1");
}

TEST_F(ShownExchange, WhatTheWebServerEchoesIsMaskedToo)
{
    const std::string body = "status=NAK&a=tok-123456&b=Token tok-123456&c=amFuOnBhc3N3MHJk&d=17";
    const dispatch::ExchangeReport exchange{false, true, "GET / HTTP/1.1\r\n\r\n",
                                            "HTTP/1.1 200 OK\r\nX-Echo: tok-123456!\r\n\r\n" + body, body};
    const ordered_json reply = shown(exchange).at("reply");
    EXPECT_EQ(reply.at("body"), "status=NAK&a=***&b=***&c=***&d=17") << "what is too short to be a secret stays";
    EXPECT_EQ(value_of(reply, "X-Echo"), "***!");
    EXPECT_EQ(shown(exchange).dump().find("tok-123456"), std::string::npos) << "nor in what was read of it";
}

TEST_F(ShownExchange, TheFinalReplyIsShownAndNotTheInterimOnes)
{
    const ordered_json reply =
        shown({false, true, "GET / HTTP/1.1\r\n\r\n",
               "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 404 No\r\nA:b\r\n\r\n4\r\nbody\r\n0\r\n\r\n",
               "body"})
            .at("reply");
    EXPECT_EQ(reply.at("status"), 404);
    EXPECT_EQ(value_of(reply, "A"), "b");
    EXPECT_EQ(value_of(reply, "Link"), "(none)");
    EXPECT_EQ(reply.at("body"), "body");
}

/// Whatever a web server sends: it is shown, and what is shown is UTF-8.
TEST_F(ShownExchange, NothingThatIsReceivedBreaksIt)
{
    for (const std::string& received : {std::string("\xff\xfe\0x", 4), std::string("HTTP/1."), std::string("HTTP/1.1 "),
                                        std::string("HTTP/1.1 abc\r\n"), std::string("HTTP/1.1 200"),
                                        std::string("HTTP/1.1 200 OK\r\n:\r\nx\r\n\r\n\xe2\x82"), std::string("\n\n\n"),
                                        "HTTP/1.1 200 OK\r\n\r\n" + std::string(4095, 'x') + "\xe2\x82\xac"})
    {
        const ordered_json reply = shown({false, true, "GET / HTTP/1.1\r\n\r\n", received, {}}).at("reply");
        EXPECT_NO_THROW((void)reply.dump()) << received;
        EXPECT_LE(reply.at("body").get<std::string>().size(), 4096U);
    }
    EXPECT_TRUE(shown({false, true, "GET / HTTP/1.1\r\n\r\n", {}, {}}).at("reply").is_null());
}

} // namespace
} // namespace dialhook::rpc
