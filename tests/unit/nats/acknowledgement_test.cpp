#include "nats/acknowledgement.hpp"

#include <gtest/gtest.h>

#include <string>

namespace dialhook::nats {
namespace {

using Answer = std::variant<Acknowledgement, PublishRefusal>;

Answer answer(std::string payload, std::string headers = {})
{
    return read_acknowledgement({"_INBOX.x.7", 1, std::move(headers), std::move(payload)});
}

TEST(NatsAcknowledgement, ReadsWhatJetStreamStored)
{
    EXPECT_EQ(answer(R"({"stream":"CALLS", "domain":"hub", "seq":18446744073709551615})"),
              Answer(Acknowledgement{"CALLS", 18446744073709551615U, false}));
    EXPECT_EQ(answer(R"({"seq":7,"stream":"CALLS","duplicate": true})"), Answer(Acknowledgement{"CALLS", 7, true}));
    EXPECT_EQ(answer("{\"seq\":1,\"stream\":\"a\\u001b[2J\"}"), Answer(Acknowledgement{"a[2J", 1, false}));
}

TEST(NatsAcknowledgement, ReadsWhyJetStreamRefuses)
{
    EXPECT_EQ(answer(R"({"error":{"code":503,"err_code":10077,"description":"maximum messages exceeded"},)"
                     R"("stream":"CALLS","seq":0})"),
              Answer(PublishRefusal{PublishRefusal::Kind::by_jetstream, 10077, "maximum messages exceeded"}));
    EXPECT_EQ(answer(R"({"error":{"code":500}})"), Answer(PublishRefusal{PublishRefusal::Kind::by_jetstream, 500, {}}));
    EXPECT_EQ(answer(R"({"stream":"CALLS","seq":1,"error":"full"})"),
              Answer(PublishRefusal{PublishRefusal::Kind::by_jetstream, 0, {}}));
}

TEST(NatsAcknowledgement, NobodyMayListen)
{
    EXPECT_EQ(answer("", "NATS/1.0 503\r\n\r\n"), Answer(PublishRefusal{PublishRefusal::Kind::no_responders, 503, {}}));
    EXPECT_EQ(answer("", "NATS/1.0 503 No Responders\r\n\r\n"),
              Answer(PublishRefusal{PublishRefusal::Kind::no_responders, 503, {}}));
}

TEST(NatsAcknowledgement, AnythingElseIsNone)
{
    for (const char* const nonsense :
         {"", "+OK", "[]", "{}", R"({"stream":"CALLS"})", R"({"seq":1})", R"({"stream":"","seq":1})",
          R"({"stream":1,"seq":1})", R"({"stream":"CALLS","seq":-1})", R"({"stream":"CALLS","seq":1.5})",
          R"({"stream":"CALLS","seq":1)", R"({"stream":"CALLS","seq":1} x)", "{\"stream\":\"\xff\",\"seq\":1}"})
        EXPECT_EQ(answer(nonsense), Answer(PublishRefusal{PublishRefusal::Kind::not_an_answer, 0, {}})) << nonsense;
}

} // namespace
} // namespace dialhook::nats
