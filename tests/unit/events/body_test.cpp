#include "events/body.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <string>
#include <string_view>

namespace dialhook::events {
namespace {

using namespace std::chrono_literals;
using Json = nlohmann::json;

CallEvent event(Kind kind)
{
    CallEvent event{*CallId::from("1693575683.22"), 3, kind, std::chrono::sys_seconds(1'693'575'685s) + 972110us, {}};
    Facts& facts = event.facts;
    facts.direction = Direction::inbound;
    facts.did = *CallText::from("+31332022074");
    facts.callerid = *CallText::from("+31507009920");
    facts.callername = *CallerName::from("Johan \"J\" J\u00f6rg");
    return event;
}

Notification in(EventFormat format)
{
    Notification notification{.name = *WebhookName::from("crm"), .description = {}, .urls = {}};
    notification.format = format;
    return notification;
}

Json voys(const CallEvent& event)
{
    const auto body = body_of(event, in(EventFormat::voys_v2), "msg_1", {});
    EXPECT_EQ(body.content_type, "application/json");
    return Json::parse(body.text);
}

constexpr std::string_view others = R"("name":null,"account_number":null,"user_numbers":[],"user_emails":[])";

std::string party(std::string_view number)
{
    return R"({"number":")" + std::string(number) + R"(",)" + std::string(others) + "}";
}

TEST(VoysBody, OfACallThatBegins)
{
    EXPECT_EQ(body_of(event(Kind::created), in(EventFormat::voys_v2), "msg_1", {}).text,
              R"({"call_id":"1693575683.22","timestamp":"2023-09-01T13:41:25.972110+00:00","status":"created",)"
              R"("version":"v2","direction":"inbound","caller":{"number":"+31507009920",)"
              "\"name\":\"Johan \\\"J\\\" J\u00f6rg\",\"account_number\":null,\"user_numbers\":[],\"user_emails\":[]},"
              R"("destination":{"number":"+31332022074"},"seq":3})");
}

TEST(VoysBody, SaysWhoRings)
{
    CallEvent ringing = event(Kind::ringing);
    ringing.facts.targets = {*CallText::from("101"), *CallText::from("102")};
    EXPECT_EQ(voys(ringing)["destination"],
              Json::parse(R"({"number":"+31332022074","targets":[)" + party("101") + "," + party("102") + "]}"));
    ringing.facts.targets.clear();
    EXPECT_EQ(voys(ringing)["destination"], Json::parse(R"({"number":"+31332022074","targets":[]})"));
}

TEST(VoysBody, SaysWhoAnswered)
{
    CallEvent answered = event(Kind::answered);
    EXPECT_EQ(voys(answered)["destination"], Json::parse(R"({"number":"+31332022074"})"));
    answered.facts.answered_by = *CallText::from("101");
    EXPECT_EQ(voys(answered)["destination"], Json::parse(party("101")));
    EXPECT_EQ(voys(answered)["status"], "in-progress");
    answered.kind = Kind::ended;
    EXPECT_EQ(voys(answered)["destination"], Json::parse(R"({"number":"+31332022074"})"));
}

TEST(VoysBody, SaysWhoTransferred)
{
    CallEvent transferred = event(Kind::transferred);
    EXPECT_EQ(voys(transferred)["transferred_by"], Json());
    transferred.facts.transferred_by = *CallText::from("101");
    transferred.facts.transfer = Transfer::attended;
    EXPECT_EQ(voys(transferred)["transferred_by"], "101");
    EXPECT_EQ(voys(transferred)["status"], "warm-transfer");
}

TEST(VoysBody, SaysWhyACallEndedAndNullForWhatIsNotKnown)
{
    CallEvent ended{*CallId::from("1"), 2, Kind::ended, {}, {}};
    ended.facts.reason = EndReason::no_answer;
    EXPECT_EQ(voys(ended)["reason"], "no-answer");
    EXPECT_EQ(voys(ended)["direction"], Json());
    EXPECT_EQ(voys(ended)["destination"], Json::parse(R"({"number":null})"));
    EXPECT_EQ(voys(ended)["caller"], Json::parse(R"({"number":null,)" + std::string(others) + "}"));
    EXPECT_EQ(voys(ended)["timestamp"], "1970-01-01T00:00:00.000000+00:00");
    EXPECT_FALSE(voys(event(Kind::created)).contains("reason"));
}

TEST(CloudEvent, HasAllThatIsKnown)
{
    CallEvent ended = event(Kind::ended);
    Facts& facts = ended.facts;
    facts.presentation = Presentation::prohibited;
    facts.targets = {*CallText::from("101")};
    facts.answered_by = *CallText::from("102");
    facts.transferred_by = *CallText::from("103");
    facts.transfer = Transfer::blind;
    facts.reason = EndReason::completed;
    facts.vars = {{"tenant", "acme"}};
    const auto body = body_of(ended, in(EventFormat::cloudevents), "msg_7", {});
    EXPECT_EQ(body.content_type, "application/cloudevents+json");
    EXPECT_EQ(
        body.text,
        R"({"specversion":"1.0","id":"msg_7","source":"dialhook","type":"dialhook.call.ended","subject":"1693575683.22",)"
        R"("time":"2023-09-01T13:41:25.972110+00:00","datacontenttype":"application/json","data":{"call_id":"1693575683.22",)"
        R"("event":"ended","seq":3,"at":"2023-09-01T13:41:25.972110+00:00","direction":"inbound","did":"+31332022074",)"
        "\"callerid\":\"+31507009920\",\"callername\":\"Johan \\\"J\\\" J\u00f6rg\",\"presentation\":\"prohibited\","
        R"("targets":["101"],"answered_by":"102","transferred_by":"103","transfer":"blind","reason":"completed",)"
        R"("vars":{"tenant":"acme"}}})");
}

TEST(OwnFields, ExpandTheVariablesOfEvents)
{
    const std::vector<std::string> declared{"tenant"};
    BodyFields fields;
    std::string all;
    for (const auto name : names_of(Vocabulary::event))
        all += std::string(name) + "={" + std::string(name) + "};";
    for (const auto& [name, text] : {std::pair<std::string, std::string>{"all", all},
                                     {"e164", "{callerid:e164}"},
                                     {"tenant", "{var.tenant}"},
                                     {"none", "{reason}"}})
        fields.members.push_back({.name = name, .text = *ValueTemplate::parse(text, declared, {}, Vocabulary::event)});
    auto notification = in(EventFormat::fields);
    notification.fields = std::make_shared<const BodyFields>(fields);

    CallEvent transferred = event(Kind::transferred);
    transferred.facts.callerid = *CallText::from("0507009920");
    transferred.facts.callername = *CallerName::from("Johan");
    transferred.facts.presentation = Presentation::allowed;
    transferred.facts.targets = {*CallText::from("101"), *CallText::from("102")};
    transferred.facts.answered_by = *CallText::from("103");
    transferred.facts.transferred_by = *CallText::from("104");
    transferred.facts.transfer = Transfer::attended;
    transferred.facts.vars = {{"tenant", "acme"}};
    const auto body = body_of(transferred, notification, "msg_1", Numbers{"31", "0", "00"});
    EXPECT_EQ(body.content_type, "application/json");
    EXPECT_EQ(Json::parse(body.text),
              Json({{"all", "did=+31332022074;callerid=0507009920;callername=Johan;call_id=1693575683.22;"
                            "presentation=allowed;event=transferred;seq=3;at=2023-09-01T13:41:25.972110+00:00;"
                            "direction=inbound;targets=101,102;answered_by=103;transferred_by=104;transfer=attended;"
                            "reason=;"},
                    {"e164", "+31507009920"},
                    {"tenant", "acme"}}));
}

TEST(OwnFields, HaveNoCodeAndWebhooksHaveNoEvents)
{
    const auto fault = [](std::string_view text, Vocabulary vocabulary) {
        const auto read = ValueTemplate::parse(text, {}, {}, vocabulary);
        return read ? std::string() : read.error().message;
    };
    EXPECT_EQ(fault("{code}", Vocabulary::event).substr(0, 23), "unknown variable {code}");
    EXPECT_EQ(fault("{evnt}", Vocabulary::event), "unknown variable {evnt}; did you mean {event}?");
    EXPECT_EQ(
        fault("{seq}", Vocabulary::call),
        "unknown variable {seq}; there are {code}, {did}, {callerid}, {callername}, {call_id} and {presentation}, "
        "and {var.NAME} for the names under `vars`");
}

} // namespace
} // namespace dialhook::events
