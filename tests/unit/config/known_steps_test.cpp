#include "unit/config/loading.hpp"

#include <string>
#include <string_view>

namespace dialhook::config::test {
namespace {

std::string warnings_of_step(std::string_view step)
{
    return warnings_of("dialplans:\n  \"1\":\n    - " + std::string(step) + "\n");
}

struct NearStep
{
    std::string_view written; ///< as a step
    std::string_view found;
    std::string_view meant; ///< empty: a step of an engine's own
};

TEST(KnownSteps, ALetterAwayIsAWarning)
{
    constexpr NearStep steps[] = {
        {"dail: \"1\"", "dail", "dial"},
        {"dia: \"1\"", "dia", "dial"},
        {"diall: \"1\"", "diall", "dial"},
        {"Dial: \"1\"", "Dial", "dial"},
        {"webook: crm", "webook", "webhook"},
        {"webhooks: crm", "webhooks", "webhook"},
        {"paly: welcome", "paly", "play"},
        {"que: sales", "", ""},
        {"queu: sales", "queu", "queue"},
        {"hang_up:", "hang_up", "hangup"},
        {"hangpu", "hangpu", "hangup"},
        {"HANGUP", "HANGUP", "hangup"},
        {"anwser", "anwser", "answer"},
        {"voicmial: \"1\"", "voicmial", "voicemail"},
        {"voice_mail: \"1\"", "voice_mail", "voicemail"},
        {"caller_name: {prefix: a}", "caller_name", "callername"},
        {"exce: {app: Set}", "exce", "exec"},
        {"park: \"70\"", "", ""},
        {"goto: 1", "", ""},
        {"record", "", ""},
        {"set_header: {X: a}", "", ""},
        {"play: dail", "", ""},
    };
    for (const NearStep& step : steps) {
        const std::string warning = step.meant.empty()
                                        ? ""
                                        : "3:7: warning: dialplans.1: found \"" + std::string(step.found) +
                                              "\" as a step, which no integration of Dialhook knows; did you mean \"" +
                                              std::string(step.meant) + "\"?";
        EXPECT_EQ(warnings_of_step(step.written), warning) << step.written;
    }
}

TEST(KnownSteps, InBranchesToo)
{
    EXPECT_EQ(
        warnings_of("webhooks: {w: {url: \"http://x/\"}}\ndialplans:\n  \"1\":\n    - webhook: w\n"
                    "      on_success: [dail: \"1\"]\n      on_failure: [{queeu: a}]\n"),
        "5:20: warning: dialplans.1.on_success: found \"dail\" as a step, which no integration of Dialhook knows; did "
        "you mean \"dial\"?\n"
        "6:21: warning: dialplans.1.on_failure: found \"queeu\" as a step, which no integration of Dialhook knows; did "
        "you mean \"queue\"?");
}

TEST(KnownSteps, AStepThatLostItsColonIsAWarning)
{
    for (const std::string_view text : {"dial:101", "dial 101", "play=welcome", "\"queue: sales\""})
        EXPECT_NE(warnings_of_step(text).find("as a step in one word; after "), std::string::npos) << text;
    EXPECT_EQ(
        warnings_of_step("dial:101"),
        "3:7: warning: dialplans.1: found \"dial:101\" as a step in one word; after dial comes a colon, a space and "
        "its value, such as `dial: \"101\"`");
    EXPECT_EQ(warnings_of_step("say hello"), "");
}

TEST(DoubledVariables, AreAWarning)
{
    EXPECT_EQ(
        warnings_of("webhooks:\n  crm:\n    url: http://x/?a={{did}}&b={{callerid}}&c={{x}}\n"
                    "    fallback_url: http://y/{{call_id}}\n"),
        "3:22: warning: webhooks.crm.url: {{did}} is sent as the text {did}, not as a value; a variable is written "
        "{did}\n"
        "3:32: warning: webhooks.crm.url: {{callerid}} is sent as the text {callerid}, not as a value; a variable is "
        "written {callerid}\n"
        "4:28: warning: webhooks.crm.fallback_url: {{call_id}} is sent as the text {call_id}, not as a value; a "
        "variable is written {call_id}");
}

TEST(ForeignVariables, AreAWarning)
{
    EXPECT_EQ(
        warnings_of(with_webhook("method: POST\nfields: {a: \"x${did}\", b: $did, c: <did>, d: \"%{did}\", e: "
                                 "\"%did%\"}")),
        "5:19: warning: webhooks.crm.fields.a: the $ before {did} is sent, too; a variable is written without it\n"
        "5:31: warning: webhooks.crm.fields.b: $did is sent as the text $did, not as a value; a variable is "
        "written {did}\n"
        "5:40: warning: webhooks.crm.fields.c: <did> is sent as the text <did>, not as a value; a variable is "
        "written {did}\n"
        "5:51: warning: webhooks.crm.fields.d: the % before {did} is sent, too; a variable is written without it\n"
        "5:64: warning: webhooks.crm.fields.e: %did% is sent as the text %did%, not as a value; a variable is "
        "written {did}");
    EXPECT_EQ(warnings_of(with_webhook("headers: {X-A: \"a $did\", X-B: \"<callerid>\", X-C: \"%{did}\"}")),
              "4:23: warning: webhooks.crm.headers.X-A: $did is sent as the text $did, not as a value; a variable is "
              "written {did}\n"
              "4:36: warning: webhooks.crm.headers.X-B: <callerid> is sent as the text <callerid>, not as a value; a "
              "variable is written {callerid}\n"
              "4:55: warning: webhooks.crm.headers.X-C: the % before {did} is sent, too; a variable is written without "
              "it");
}

TEST(ForeignVariables, WhatIsMeantIsNone)
{
    for (const std::string_view text :
         {"{did}", "$didx", "5 %", "<b>{did}</b>", "<code>{did}</code>", "$${did}", "$5", "${var.price}", "100%"})
        EXPECT_EQ(
            warnings_of("vars: [price]\n" + with_webhook("method: POST\nfields: {a: \"" + std::string(text) + "\"}")),
            "")
            << text;
    EXPECT_EQ(warnings_of(with_webhook("headers: {X-A: \"$${did}\", X-B: \"a$1\"}")), "");
}

TEST(DoubledVariables, BracesThatAreMeantAreNone)
{
    EXPECT_EQ(warnings_of(with_webhook("fallback_url: \"http://x/?a={{{did}}}&b={{\\\"did\\\":1}}\"")), "");
}

TEST(DoubledVariables, WithBlanksAreAFaultThatNamesThem)
{
    for (const std::string_view variable : {"{{ did }}", "{{did }}", "{{ callername }}"})
        EXPECT_NE(faults_of("webhooks: {crm: {url: \"http://x/?a=" + std::string(variable) + "\"}}\n")
                      .find("in one pair of braces and without spaces"),
                  std::string::npos)
            << variable;
}

} // namespace
} // namespace dialhook::config::test
