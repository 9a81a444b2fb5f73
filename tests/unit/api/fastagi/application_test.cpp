#include "api/fastagi/application.hpp"

#include <gtest/gtest.h>

namespace dialhook::fastagi {
namespace {

template <class Step>
std::string shown(const Step& step, const config::AsteriskSettings& settings = {})
{
    const auto application = application_of(step, settings);
    return application ? application->name + "(" + application->arguments + ")"
                       : "left out: " + application.error().why;
}

std::string of_step(const char* json)
{
    return shown(dialplan::EngineStep{json});
}

constexpr auto unsafe = " holds a character that could mean something to Asterisk; use an exec step for it";

TEST(Application, StepsAreThoseOfTheManual)
{
    EXPECT_EQ(of_step(R"({"play":"custom/welcome"})"), "Playback(custom/welcome)");
    EXPECT_EQ(of_step(R"({"queue":"sales"})"), "Queue(sales)");
    EXPECT_EQ(of_step(R"({"queue":20})"), "Queue(20)");
    EXPECT_EQ(of_step(R"({"voicemail":"0101"})"), "VoiceMail(0101)");
    EXPECT_EQ(of_step(R"("hangup")"), "Hangup()");
    EXPECT_EQ(of_step(R"({"hangup":null})"), "Hangup()");
    EXPECT_EQ(of_step(R"({"hangup":17})"), "Hangup(17)");
    EXPECT_EQ(of_step(R"({"exec":{"app":"Set","args":"A=${X}"}})"), "Set(A=${X})");
    EXPECT_EQ(of_step(R"({"exec":{"app":"Goto","args":["sales","s",1]}})"), "Goto(sales,s,1)");
    EXPECT_EQ(of_step(R"({"exec":{"app":"Answer"}})"), "Answer()");
    EXPECT_EQ(of_step(R"("answer")"), "()");
    EXPECT_EQ(of_step(R"({"answer":null})"), "()");
}

TEST(Application, AQueueAnswersFirst)
{
    config::AsteriskSettings settings;
    EXPECT_TRUE(application_of(dialplan::EngineStep{R"({"queue":"sales"})"}, settings)->needs_answer);
    EXPECT_TRUE(application_of(dialplan::EngineStep{R"("answer")"}, settings)->needs_answer);
    EXPECT_FALSE(application_of(dialplan::EngineStep{R"({"play":"welcome"})"}, settings)->needs_answer);
    EXPECT_FALSE(application_of(dialplan::DialDestination{"101"}, settings)->needs_answer);
}

TEST(Application, ArgumentsOfEveryYamlKind)
{
    EXPECT_EQ(of_step(R"({"exec":{"app":"Wait","args":700}})"), "Wait(700)");
    EXPECT_EQ(of_step(R"({"exec":{"app":"Wait","args":1.5}})"), "Wait(1.5)");
    EXPECT_EQ(of_step(R"({"exec":{"app":"Wait","args":[300]}})"), "Wait(300)");
    EXPECT_EQ(of_step(R"({"exec":{"app":"Set","args":["x=a",2,true,null]}})"), "Set(x=a,2,true,)");
    EXPECT_EQ(of_step(R"({"exec":{"app":"NoOp","args":null}})"), "NoOp()");
    EXPECT_EQ(of_step(R"({"exec":{"app":"NoOp","args":[]}})"), "NoOp()");
    EXPECT_EQ(of_step(R"({"exec":{"app":"NoOp","args":false}})"), "NoOp(false)");
    EXPECT_EQ(of_step(R"({"play":1})"), "Playback(1)");
    EXPECT_EQ(of_step(R"({"voicemail":101})"), "VoiceMail(101)");
    EXPECT_EQ(of_step(R"({"hangup":"17"})"), "Hangup(17)");
}

TEST(Application, DialHasTheConfiguredArguments)
{
    config::AsteriskSettings settings;
    settings.dial = *dialplan::ArgumentTemplate::from("PJSIP/${destination}@trunk,30", "destination");
    EXPECT_EQ(shown(dialplan::DialDestination{"+31201234567"}, settings), "Dial(PJSIP/+31201234567@trunk,30)");
    EXPECT_EQ(shown(dialplan::DialDestination{"*97#"}, settings), "Dial(PJSIP/*97#@trunk,30)");
    EXPECT_EQ(shown(dialplan::DialDestination{"sip:jan@pbx.lan:5080"}, settings),
              "Dial(PJSIP/dialhook/sip:jan@pbx.lan:5080,30)");
}

/// `Dial(…) Dial(…)`: one after the other.
std::string shown(const dialplan::DialGroup& group, const config::AsteriskSettings& settings)
{
    const GroupDials dials = applications_of(group, settings);
    std::string text;
    for (const Application& dial : dials.in_turn)
        text += (text.empty() ? "" : " ") + dial.name + "(" + dial.arguments + ")";
    for (const auto& left_out : dials.left_out)
        text += (text.empty() ? "left out " : ", left out ") + left_out.target + ": " + left_out.why;
    return text;
}

TEST(Application, SeveralDestinationsRingTogetherOrInTurn)
{
    using namespace std::chrono_literals;
    using enum RingStrategy;
    config::AsteriskSettings settings;
    settings.dial = *dialplan::ArgumentTemplate::from("PJSIP/${destination}@trunk,30,tT", "destination");
    EXPECT_EQ(shown({{"101", "102", "sip:a@b"}, parallel, {}}, settings),
              "Dial(PJSIP/101@trunk&PJSIP/102@trunk&PJSIP/dialhook/sip:a@b,30,tT)");
    EXPECT_EQ(shown({{"101", "102"}, parallel, 20s}, settings), "Dial(PJSIP/101@trunk&PJSIP/102@trunk,20,tT)");
    EXPECT_EQ(shown({{"101", "102"}, sequential, 20s}, settings),
              "Dial(PJSIP/101@trunk,20,tT) Dial(PJSIP/102@trunk,20,tT)");
    EXPECT_EQ(shown({{"101"}, parallel, 5s}, settings), "Dial(PJSIP/101@trunk,5,tT)");
    settings.dial = *dialplan::ArgumentTemplate::from("PJSIP/${destination}", "destination");
    EXPECT_EQ(shown({{"101", "102"}, parallel, 5s}, settings), "Dial(PJSIP/101&PJSIP/102,5)");
    EXPECT_EQ(shown({{"101", "102"}, sequential, {}}, settings), "Dial(PJSIP/101) Dial(PJSIP/102)");
    settings.dial = *dialplan::ArgumentTemplate::from("PJSIP/${destination},,m", "destination");
    EXPECT_EQ(shown({{"101"}, parallel, 5s}, settings), "Dial(PJSIP/101,5,m)");
}

TEST(Application, OfSeveralDestinationsOnlyTheBadOneIsLeftOut)
{
    using namespace std::chrono_literals;
    using enum RingStrategy;
    config::AsteriskSettings settings;
    settings.dial = *dialplan::ArgumentTemplate::from("PJSIP/${destination}@trunk,30,tT", "destination");
    const std::string left_out = std::string("left out 1&2: the value for Dial") + unsafe;
    EXPECT_EQ(shown({{"101", "1&2"}, parallel, {}}, settings), "Dial(PJSIP/101@trunk,30,tT), " + left_out);
    EXPECT_EQ(shown({{"1&2", "101", "102"}, parallel, 5s}, settings),
              "Dial(PJSIP/101@trunk&PJSIP/102@trunk,5,tT), " + left_out);
    EXPECT_EQ(shown({{"101", "1&2", "102"}, sequential, 5s}, settings),
              "Dial(PJSIP/101@trunk,5,tT) Dial(PJSIP/102@trunk,5,tT), " + left_out);
    EXPECT_EQ(shown({{"1&2"}, sequential, 5s}, settings), left_out);
}

/// In pairs they mean nothing to Asterisk; one that stays open would swallow the comma of the next argument.
TEST(Application, AnIpv6AddressIsDialled)
{
    EXPECT_EQ(shown(dialplan::DialDestination{"sip:jan@[2001:db8::1]"}),
              "Dial(PJSIP/dialhook/sip:jan@[2001:db8::1],30)");
    EXPECT_EQ(shown(dialplan::DialDestination{"sips:jan@[2001:db8::1]:5061"}),
              "Dial(PJSIP/dialhook/sips:jan@[2001:db8::1]:5061,30)");
    for (const char* value : {"sip:jan@[2001:db8::1", "sip:jan@2001:db8::1]", "]a[", "[[a]]", "a[", "]"})
        EXPECT_EQ(shown(dialplan::DialDestination{value}), std::string("left out: the value for Dial") + unsafe)
            << value;
}

TEST(Application, ValuesWithAMeaningAreLeftOut)
{
    for (const char* value :
         {"101&102", "101,30", "a b", "${X}", "$[1]", "101)", "a;b", "a|b", "a\\\\b", "", "\xC3\xA9", "'a'"})
    {
        const std::string text = of_step((std::string(R"({"queue":")") + value + "\"}").c_str());
        EXPECT_EQ(text, std::string("left out: the value for Queue") + unsafe) << value;
    }
    EXPECT_EQ(shown(dialplan::DialDestination{"101&PJSIP/102"}), std::string("left out: the value for Dial") + unsafe);
    EXPECT_EQ(of_step(R"({"play":["a"]})"), std::string("left out: the value for Playback") + unsafe);
}

TEST(Application, WhatAsteriskIsNotTaughtIsLeftOut)
{
    EXPECT_EQ(of_step(R"({"conference":"1"})"), "left out: unsupported step for Asterisk; use `exec`");
    EXPECT_EQ(of_step(R"({"a":1,"b":2})"), "left out: a step for Asterisk has one key");
    EXPECT_EQ(of_step(R"([1])"), "left out: a step for Asterisk has one key");
    EXPECT_EQ(of_step(R"({"hangup":"now"})"), "left out: a hangup step has no value, or the number of a cause");
    for (const char* json : {R"({"exec":"Set"})", R"({"exec":{"app":"Set(A"}})", R"({"exec":{"args":"x"}})",
                             R"({"exec":{"app":"Set","args":{"a":1}}})", R"({"exec":{"app":"Set","args":[[1]]}})"})
        EXPECT_EQ(of_step(json), "left out: an exec step is written `exec: { app: NAME, args: [ … ] }`") << json;
}

TEST(ArgumentTemplate, HasItsPlaceholderOnceAndNoOtherDollar)
{
    using dialplan::ArgumentTemplate;
    EXPECT_EQ(ArgumentTemplate::from("a/${x}@b", "x")->filled("1"), "a/1@b");
    EXPECT_EQ(ArgumentTemplate::from("${x}", "x")->str("x"), "${x}");
    for (const char* text : {"", "a", "${y}", "${x}${x}", "${x}${EXTEN}", "$[1]${x}", "${x", "${x}\n"})
        EXPECT_FALSE(ArgumentTemplate::from(text, "x")) << text;
}

} // namespace
} // namespace dialhook::fastagi
