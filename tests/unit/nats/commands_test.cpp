#include "nats/commands.hpp"
#include "version.hpp"

#include <gtest/gtest.h>

namespace dialhook::nats {
namespace {

const std::string connect_start =
    R"(CONNECT {"verbose":false,"pedantic":false,"protocol":1,"headers":true,"no_responders":true,"name":"dialhook",)"
    R"("lang":"c++","version":")" +
    std::string(version) + "\"";

std::string connect(const Login& login)
{
    std::string out;
    append_connect(out, login);
    return out;
}

TEST(NatsCommands, ConnectHasTheCredentials)
{
    EXPECT_EQ(connect({}), connect_start + "}\r\n");
    EXPECT_EQ(connect({"pbx", "a\"b\\c", {}}), connect_start + R"(,"user":"pbx","pass":"a\"b\\c"})" + "\r\n");
    EXPECT_EQ(connect({{}, {}, "s3cret"}), connect_start + R"(,"auth_token":"s3cret"})" + "\r\n");
    EXPECT_EQ(connect({{}, {}, "\xe9"}), connect_start + ",\"auth_token\":\"\xC3\xA9\"}\r\n") << "JSON is UTF-8";
}

TEST(NatsCommands, SubscribeNamesTheSubscription)
{
    std::string out;
    append_subscribe(out, "_INBOX.x.*", 1);
    EXPECT_EQ(out, "SUB _INBOX.x.* 1\r\n");
}

TEST(NatsCommands, PublishCountsHeadersAndBody)
{
    const Publication publication{"calls.events", "msg_1", "A: b\r\nC: d\r\n", "{\"a\":1}"};
    std::string out;
    append_publish(out, publication, "_INBOX.x.7");
    EXPECT_EQ(
        out,
        "HPUB calls.events _INBOX.x.7 44 51\r\nNATS/1.0\r\nNats-Msg-Id: msg_1\r\nA: b\r\nC: d\r\n\r\n{\"a\":1}\r\n");
    EXPECT_EQ(payload_size(publication), 51U);
}

} // namespace
} // namespace dialhook::nats
