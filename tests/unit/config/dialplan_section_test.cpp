#include "unit/config/loading.hpp"
#include "yaml/json_of.hpp"

#include <chrono>
#include <string>

namespace dialhook::config::test {
namespace {

using namespace dialplan;

constexpr std::string_view hook = "webhooks: { crm: { url: \"http://crm.example/\" } }\n";

std::string with_plans(std::string_view plans)
{
    return std::string(hook) + "dialplans:\n" + std::string(plans);
}

/// A dialplan for 101 with one step that the engine knows, written as YAML; its JSON.
std::string json_of_step(std::string_view yaml)
{
    const auto loaded = load_well(with_plans("  101:\n    - " + std::string(yaml) + "\n"));
    const auto* plan = loaded.dialplans.find("101");
    if (plan == nullptr || plan->steps.size() != 1)
        return "not one step";
    const auto* step = std::get_if<EngineStep>(&plan->steps.front());
    return step == nullptr ? "not the engine's" : step->json;
}

TEST(DialplanSection, ReadsTheStepsOfBothBranches)
{
    const auto loaded = load_well(with_plans(R"(
  "+31502102544":
    - play: welcome
    - callername: { prefix: "a " }
    - webhook: crm
      on_success:
        - callername: { from: webhook }
        - callername: { replace: 007 }
        - dial: { destination: variable }
      on_failure:
        - dial: 0101
        - dial: { destination: "102" }
)"));
    const auto* plan = loaded.dialplans.find("+31502102544");
    ASSERT_NE(plan, nullptr);
    ASSERT_EQ(plan->steps.size(), 2U);
    EXPECT_EQ(std::get<EngineStep>(plan->steps[0]).json, R"({"play":"welcome"})");
    EXPECT_EQ(std::get<NamePrefix>(plan->steps[1]).prefix, "a ");
    const WebhookStep& step = *plan->webhook;
    EXPECT_EQ(step.webhook.str(), "crm");
    EXPECT_TRUE(step.needs_destination());
    ASSERT_EQ(step.on_success.size(), 3U);
    EXPECT_TRUE(std::holds_alternative<NameFromWebhook>(step.on_success[0]));
    EXPECT_EQ(std::get<NameReplacement>(step.on_success[1]).name, "007");
    EXPECT_TRUE(std::holds_alternative<DialVariable>(step.on_success[2]));
    ASSERT_EQ(step.on_failure.size(), 2U);
    EXPECT_EQ(std::get<Dial>(step.on_failure[0]).destination, "0101");
    EXPECT_EQ(std::get<Dial>(step.on_failure[1]).destination, "102");
}

TEST(DialplanSection, ReadsSeveralDestinationsAndRingTimes)
{
    using namespace std::chrono_literals;
    const auto loaded = load_well(with_plans(R"(
  101:
    - dial: { to: [0101, "102"], strategy: sequential, ring: 20s }
    - dial: { to: [101, 102] }
    - dial: { to: [101] }
    - dial: { to: 101, ring: 5m }
    - dial: { destination: 101, ring: 1 }
    - webhook: crm
      on_success: [dial: { destination: variable, ring: 15s }]
)"));
    const auto& steps = loaded.dialplans.find("101")->steps;
    ASSERT_EQ(steps.size(), 5U);
    EXPECT_EQ(std::get<DialGroup>(steps[0]), (DialGroup{{"0101", "102"}, RingStrategy::sequential, 20s}));
    EXPECT_EQ(std::get<DialGroup>(steps[1]), (DialGroup{{"101", "102"}, RingStrategy::parallel, {}}));
    EXPECT_EQ(std::get<Dial>(steps[2]).destination, "101");
    EXPECT_EQ(std::get<DialGroup>(steps[3]), (DialGroup{{"101"}, RingStrategy::parallel, 300s}));
    EXPECT_EQ(std::get<DialGroup>(steps[4]), (DialGroup{{"101"}, RingStrategy::parallel, 1s}));
    const auto& webhook = *loaded.dialplans.find("101")->webhook;
    EXPECT_TRUE(webhook.needs_destination());
    EXPECT_EQ(std::get<DialVariable>(webhook.on_success[0]).ring, 15s);
}

TEST(DialplanSection, StepsOfTheEngineStayAsTheyStand)
{
    struct
    {
        const char* yaml;
        const char* json;
    } const cases[] = {
        {"hangup", R"("hangup")"},
        {"hangup:", R"({"hangup":null})"},
        {"play: welcome", R"({"play":"welcome"})"},
        {"voicemail: 0101", R"({"voicemail":"0101"})"},
        {"voicemail: 101", R"({"voicemail":"101"})"},
        {"voicemail: \"101\"", R"({"voicemail":"101"})"},
        {"queue: 20", R"({"queue":20})"},
        {"queue: \"20\"", R"({"queue":"20"})"},
        {"queue: !!str 20", R"({"queue":"20"})"},
        {"queue: 0101", R"({"queue":"0101"})"},
        {"queue: +31", R"({"queue":"+31"})"},
        {"queue: -0101", R"({"queue":"-0101"})"},
        {"queue: 0x1F", R"({"queue":"0x1F"})"},
        {"queue: 0o17", R"({"queue":"0o17"})"},
        {"queue: [0, -1, 2.50, 1e3, .5, 3., -.5e-2, 0.5, 31502102544123456789]",
         R"({"queue":[0,-1,2.50,1e3,0.5,3.0,-0.5e-2,0.5,31502102544123456789]})"},
        {"queue: [1e999, -1e999]", R"({"queue":["1e999","-1e999"]})"},
        {"queue: [.inf, -.INF, .nan, 1.2.3, 1e, ., -, \"\"]",
         R"({"queue":[".inf","-.INF",".nan","1.2.3","1e",".","-",""]})"},
        {"queue: [true, False, yes, no, on, null, ~, Null]",
         R"({"queue":[true,false,"yes","no","on",null,null,null]})"},
        {"exec: { app: Set, args: [\"A=${X}\", b, { c: [] , d: {} }] }",
         R"({"exec":{"app":"Set","args":["A=${X}","b",{"c":[],"d":{}}]}})"},
        {"{ play: a, loop: 2 }", R"({"play":"a","loop":2})"},
        {"play: \"a \\\"b\\\" \\\\ \xC3\xA9 \xF0\x9F\x98\x80\"",
         "{\"play\":\"a \\\"b\\\" \\\\ \xC3\xA9 \xF0\x9F\x98\x80\"}"},
        {"queue: { dial: { destination: variable } }", R"({"queue":{"dial":{"destination":"variable"}}})"},
    };
    for (const auto& [yaml, json] : cases)
        EXPECT_EQ(json_of_step(yaml), json) << yaml;
}

TEST(DialplanSection, PatternsAndDefault)
{
    const auto loaded = load_well(with_plans("  \"+3150*\": [dial: a]\n  default: [dial: b]\n  0101: [dial: c]\n"));
    EXPECT_EQ(loaded.dialplans.find("+31501")->key, "+3150*");
    EXPECT_EQ(loaded.dialplans.find("0101")->key, "0101");
    EXPECT_EQ(loaded.dialplans.find("7")->key, "default");
}

TEST(DialplanSection, IncludedFilesAreJoined)
{
    const Folder folder;
    folder.write("main.yaml", std::string(hook) + "include: d/*.yaml\ndialplans: { 1: [dial: a] }\n");
    folder.write("d/a.yaml", "dialplans: { 2: [webhook: crm] }\n");
    folder.write("d/b.yaml", "webhooks: { late: { url: \"http://x/\" } }\ndialplans: { 3: [webhook: late] }\n");
    const auto loaded = folder.load_well("main.yaml");
    for (const char* did : {"1", "2", "3"})
        EXPECT_NE(loaded.dialplans.find(did), nullptr) << did;

    folder.write("d/c.yaml", "dialplans:\n  1: [dial: a]\n  4: [webhook: gone]\n");
    EXPECT_EQ(folder.faults_of("main.yaml"),
              "d/c.yaml:2:3: dialplans: \"1\" appears twice; the first one, \"1\", is at main.yaml:3:14\n"
              "d/c.yaml:3:16: dialplans.4.webhook: there is no webhook \"gone\"");
}

class DialplanFaults : public testing::TestWithParam<FaultCase>
{
};

TEST_P(DialplanFaults, AreNamed)
{
    EXPECT_EQ(faults_of(with_plans(GetParam().yaml)), GetParam().faults);
}

#define EXPECTED_STEP "expected a step: a word, such as hangup, or a key and its value, such as dial: \"101\""

const FaultCase plan_faults[] = {
    {"StepAfterTheWebhook", "  1:\n    - webhook: crm\n    - play: a\n    - hangup\n",
     "5:7: dialplans.1: a webhook is the last step of a dialplan; move this one before it, or under its "
     "`on_success` and `on_failure`\n"
     "6:7: dialplans.1: a webhook is the last step of a dialplan; move this one before it, or under its "
     "`on_success` and `on_failure`"},
    {"SecondWebhook", "  1:\n    - webhook: crm\n    - webhook: crm\n",
     "5:7: dialplans.1: this is a second webhook step; a dialplan has one, which is its last step"},
    {"WebhookInABranch", "  1:\n    - webhook: crm\n      on_failure: [webhook: crm]\n",
     "5:20: dialplans.1.on_failure: a dialplan asks one webhook; a branch of it has no other"},
    {"FromWebhookInFront", "  1:\n    - callername: { from: webhook }\n    - webhook: crm\n",
     "4:27: dialplans.1.callername.from: there is no reply to take a name from here; `from: webhook` belongs under "
     "`on_success`"},
    {"FromWebhookInFailure", "  1:\n    - webhook: crm\n      on_failure: [callername: { from: webhook }]\n",
     "5:40: dialplans.1.on_failure.callername.from: there is no reply to take a name from here; `from: webhook` "
     "belongs under `on_success`"},
    {"VariableInFront", "  1: [dial: { destination: variable }]\n",
     "3:28: dialplans.1.dial.destination: there is no reply to take a destination from here; `destination: variable` "
     "belongs under `on_success`"},
    {"VariableInFailure", "  1:\n    - webhook: crm\n      on_failure: [dial: { destination: variable }]\n",
     "5:41: dialplans.1.on_failure.dial.destination: there is no reply to take a destination from here; `destination: "
     "variable` belongs under `on_success`"},
    {"UnknownWebhook", "  \"+31\":\n    - webhook: cmr\n",
     "4:16: dialplans.\"+31\".webhook: there is no webhook \"cmr\"; did you mean \"crm\"?"},
    {"NoNameOfAWebhook", "  1: [webhook: { name: crm }]\n",
     "3:16: dialplans.1.webhook: found a mapping, expected the name of a webhook"},
    {"TwiceInOneMapping", "  1: [dial: a]\n  \"1\": [dial: a]\n",
     "4:3: the key \"1\" appears twice; the first one is at line 3, column 3"},
    {"NoSteps", "  1: []\n  2:\n  3: hangup\n",
     "3:6: dialplans.1: found no steps, expected at least one; remove the number if no call of it is to be routed\n"
     "4:5: dialplans.2: found no steps, expected at least one; remove the number if no call of it is to be routed\n"
     "5:6: dialplans.3: found a text, expected a list of steps, each on a line that begins with a dash"},
    {"EmptySteps", "  1:\n    -\n    - {}\n    - dial\n",
     "4:6: dialplans.1: the step is empty; write a step, such as dial: \"101\", or remove it\n"
     "5:7: dialplans.1: the step is empty; write a step, such as dial: \"101\", or remove it\n"
     "6:7: dialplans.1: the step dial has no value after its colon"},
    {"StepsOfNoShape", "  1: [[dial, 101], 5, true, 1.5, \"\", {\"\": x}, \"5\"]\n",
     "3:7: dialplans.1: found a list, " EXPECTED_STEP "\n"
     "3:20: dialplans.1: found 5, " EXPECTED_STEP "\n"
     "3:23: dialplans.1: found true, " EXPECTED_STEP "\n"
     "3:29: dialplans.1: found 1.5, " EXPECTED_STEP "\n"
     "3:34: dialplans.1: found \"\", " EXPECTED_STEP "\n"
     "3:39: dialplans.1: the step has no name before its colon; write one, such as dial: \"101\", or remove it"},
    {"VariableInOtherLetters",
     "  1:\n    - webhook: crm\n      on_success: [dial: { destination: Variable }, dial: { destination: "
     "\"variable\xC2\xA0\", ring: 5s }]\n      on_failure: [dial: VARIABLE, dial: { to: Variable }]\n",
     "5:41: dialplans.1.on_success.dial.destination: found \"Variable\", expected the word variable in small letters, "
     "or what is dialled\n"
     "5:74: dialplans.1.on_success.dial.destination: found \"variable\xC2\xA0\", expected the word variable in small "
     "letters, or what is dialled; there is U+00A0 (NO-BREAK SPACE) in it, in column 83: write an ordinary space, or "
     "remove it\n"
     "6:26: dialplans.1.on_failure.dial: to dial what the reply says, write `dial: { destination: variable }`\n"
     "6:48: dialplans.1.on_failure.dial.to: to dial what the reply says, write `dial: { destination: variable }`"},
    {"BranchesWithoutAWebhook", "  1:\n    - webhok: crm\n      on_success: []\n",
     "5:7: dialplans.1.on_success: it belongs to a webhook step, but there is no `webhook` beside it; did you "
     "mean it by \"webhok\"?"},
    {"WebhookInAnotherScript", "  1:\n    - webh\xD0\xBE\xD0\xBEk: crm\n      on_failure: []\n",
     "5:7: dialplans.1.on_failure: it belongs to a webhook step, but there is no `webhook` beside it; did you mean it "
     "by "
     "\"webh\xD0\xBE\xD0\xBEk\"?; there is U+043E (CYRILLIC SMALL LETTER O) in it, in column 11: write o from the "
     "keyboard"},
    {"BranchInAnotherScript", "  1:\n    - webhook: crm\n      on_su\xD1\x81\x63\x65ss: []\n",
     "5:7: dialplans.1: a webhook step has `on_success` and `on_failure` beside it and no other key; there is U+0441 "
     "(CYRILLIC SMALL LETTER ES) in it, in column 12: write c from the keyboard"},
    {"UnknownBranch", "  1:\n    - webhook: crm\n      on_succes: []\n",
     "5:7: dialplans.1: a webhook step has `on_success` and `on_failure` beside it and no other key; did you mean "
     "\"on_success\"?"},
    {"DialOfNothing", "  1: [dial: \"\", dial: [1, 2], dial: { number: 1 }, dial: variable]\n",
     "3:13: dialplans.1.dial: there is nothing to dial; name a destination, such as dial: \"101\"\n"
     "3:23: dialplans.1.dial: found a list, expected a destination, such as \"101\", `{ to: [\"101\", \"102\"] }`, or "
     "`{ destination: variable }`\n"
     "3:39: dialplans.1.dial: unknown key \"number\"; a dial step has `destination`, or `to` and `strategy`, and "
     "`ring`\n"
     "3:58: dialplans.1.dial: to dial what the reply says, write `dial: { destination: variable }`"},
    {"DialOfSeveral",
     "  1: [dial: {}, dial: {ring: 1s}, dial: {to: []}, dial: {to: [a, \"\"]}, dial: {to: [a], destination: b}]\n"
     "  2: [dial: {destination: a, strategy: parallel}, dial: {to: [a, b], strategy: serial}, dial: {to: variable}]\n"
     "  3: [dial: {to: [a], ring: 0}, dial: {to: [a], ring: 301}, dial: {to: [a], ring: 1500ms}, dial: {to: [a], rnig: "
     "5}]\n"
     "  4: [dial: {to: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]}]\n",
     "3:13: dialplans.1.dial: found no destination, expected one, such as \"101\", `{ to: [\"101\", \"102\"] }`, or `{ "
     "destination: variable }`\n"
     "3:23: dialplans.1.dial: found no destination, expected one, such as \"101\", `{ to: [\"101\", \"102\"] }`, or `{ "
     "destination: variable }`\n"
     "3:46: dialplans.1.dial.to: there is nothing to dial; name destinations, such as to: [\"101\", \"102\"]\n"
     "3:66: dialplans.1.dial.to: there is nothing to dial; name a destination, such as dial: \"101\"\n"
     "3:88: dialplans.1.dial: `destination` and `to` both say what is dialled; remove one of them\n"
     "4:30: dialplans.2.dial: `strategy` says how several targets ring; it belongs beside `to` (a reply says it "
     "itself)\n"
     "4:80: dialplans.2.dial.strategy: found \"serial\", expected parallel or sequential\n"
     "4:100: dialplans.2.dial.to: to dial what the reply says, write `dial: { destination: variable }`\n"
     "5:29: dialplans.3.dial.ring: found 0, expected a time from 1s to 5m\n"
     "5:55: dialplans.3.dial.ring: found 301, expected a time from 1s to 5m\n"
     "5:83: dialplans.3.dial.ring: found \"1500ms\", expected whole seconds\n"
     "5:108: dialplans.3.dial: unknown key \"rnig\"; did you mean \"ring\"?\n"
     "6:18: dialplans.4.dial.to: found more than 10 destinations; a step dials 10 at most"},
    {"DialWithAnotherKey", "  1: [{ dial: 1, timeout: 5 }]\n",
     "3:18: dialplans.1: a dial step has no other key beside it; make it a step of its own"},
    {"CallernameOfNothing",
     "  1: [callername: Sales, callername: { prefix: a, replace: b }, callername: { suffix: a }]\n",
     "3:19: dialplans.1.callername: a callername step has one of `from: webhook`, `prefix: \"…\"` and `replace: "
     "\"…\"`; "
     "write a step for each\n"
     "3:38: dialplans.1.callername: a callername step has one of `from: webhook`, `prefix: \"…\"` and `replace: "
     "\"…\"`; "
     "write a step for each\n"
     "3:79: dialplans.1.callername: unknown way to change a name; there are `from: webhook`, `prefix` and `replace`"},
    {"ControlCharacters",
     "  1: [dial: \"1\\n2\", callername: { prefix: \"\\x07\" }, play: \"a\\tb\", exec: { \"a\\nb\": 1 }]\n",
     "3:13: dialplans.1.dial: the text holds a control character or a line end; remove it\n"
     "3:43: dialplans.1.callername.prefix: the text holds a control character or a line end; remove it\n"
     "3:59: dialplans.1.play: the text holds a control character or a line end, which no step may have; remove it\n"
     "3:83: dialplans.1.exec.\"a?b\": the text holds a control character or a line end, which no step may have; remove "
     "it"},
    {"NoNumber", "  \"\": [dial: a]\n  \"1\\n\": [dial: a]\n  \"*\": [dial: a]\n",
     "3:3: dialplans: found \"\" as a number: expected the number that is called, 1 to 256 bytes\n"
     "4:3: dialplans: found \"1?\" as a number: the number holds a control character; remove it\n"
     "5:3: dialplans: found \"*\" as a number: a dialplan for all other numbers is called `default`"},
};
INSTANTIATE_TEST_SUITE_P(All, DialplanFaults, testing::ValuesIn(plan_faults), case_name);

TEST(DialplanSection, OneNumberInTwoSpellingsStandsTwice)
{
    EXPECT_EQ(
        faults_of("server: { numbers: { country: 31 } }\ndialplans:\n  \"+31*\": [dial: a]\n  \"0031*\": [dial: a]\n"
                  "  tel:+31-50: [dial: a]\n  \"+3150\": [dial: a]\n"),
        "4:3: dialplans: \"0031*\" appears twice; the first one, \"+31*\", is at 3:3\n"
        "6:3: dialplans: \"+3150\" appears twice; the first one, \"tel:+31-50\", is at 5:3");
    EXPECT_EQ(faults_of("server: { numbers: { country: 31 } }\ndialplans:\n  \"0502102544\": [dial: a]\n"
                        "  \"+31502102544\": [dial: a]\n  050*: [dial: a]\n  +3150*: [dial: a]\n"),
              "4:3: dialplans: \"+31502102544\" appears twice; the first one, \"0502102544\", is at 3:3\n"
              "6:3: dialplans: \"+3150*\" appears twice; the first one, \"050*\", is at 5:3");
}

TEST(DialplanSection, AKeyThatMatchesNoOrdinaryNumberIsAWarning)
{
    const auto warning_of = [](const std::string& key) {
        return warnings_of("dialplans:\n  \"" + key + "\": [dial: a]\n");
    };
    const auto found = [](const std::string& key) {
        return "2:3: warning: dialplans: found \"" + key + "\" as a number: ";
    };
    for (const std::string key : {"Default", "DEFAULT"})
        EXPECT_EQ(warning_of(key),
                  found(key) + "a dialplan for all other numbers is called `default`, in small letters");
    for (const std::string key : {"_X.", "_31ZXX!", "_+31X.", "_[1-5]XX"})
        EXPECT_EQ(warning_of(key), found(key) + "patterns of Asterisk mean nothing here; write the start of the "
                                                "numbers and a *, such as \"+3150*\"");
    for (const std::string key : {"+31?", "1??"})
        EXPECT_EQ(warning_of(key), found(key) + "a ? stands for itself, which no number has; write the start of the "
                                                "numbers and a *, such as \"+3150*\"");
    for (const std::string key : {"+3*1", "+31**", "1*2*"})
        EXPECT_EQ(warning_of(key), found(key) + "only a * at the end stands for the rest of a number; write one there, "
                                                "and digits before it");
    for (const std::string key : {"default", "*97", "*9*", "*21*0501234", "#21*1", "**21*", "+31*", "0*", "_sales",
                                  "sales_X", "#31#", "sip:a?b@c.example", "100*"})
        EXPECT_EQ(warning_of(key), "") << key;
}

TEST(DialplanSection, TheStartOfASipUriIsNoStartOfANumber)
{
    for (const std::string key : {"sip:+3170*", "SIP:*", "sips:70*"})
        EXPECT_EQ(faults_of("dialplans:\n  \"" + key + "\": [dial: a]\n"),
                  "2:3: dialplans: found \"" + key +
                      "\" as a number: a pattern is the start of a number and a *, without sip: or tel: before it");
}

TEST(ServerSection, NumbersHaveDefaultsWhereTheSectionIsWritten)
{
    EXPECT_EQ(load_well("{}\n").server.numbers.plan, Numbers());
    EXPECT_EQ(load_well("server: { numbers: { country: 31 } }\n").server.numbers.plan, (Numbers{"31", "0", "00"}));
    const auto numbers =
        load_well("server: { numbers: { country: \"39\", trunk: \"\", international: 00, send: e164 } }\n")
            .server.numbers;
    EXPECT_EQ(numbers.plan, (Numbers{"39", "", "00"}));
    EXPECT_EQ(numbers.send, NumberForm::e164);
}

TEST(ServerSection, NationalNumbersBeginAsNoInternationalOnesDo)
{
    const auto with = [](std::string_view keys) {
        return faults_of("server: { numbers: { " + std::string(keys) + " } }\n");
    };
    EXPECT_EQ(
        with("country: 31, international: \"0\""),
        "1:50: server.numbers.international: `trunk` 0 begins with `international` 0, so national numbers would be "
        "taken for international ones; correct one of the two");
    EXPECT_NE(with("country: 31, trunk: \"00\"").find("1:42: server.numbers.trunk: `trunk` 00 begins"),
              std::string::npos);
    // the Netherlands, North America, Australia, Russia, Hungary, Finland, Japan, Brazil, Singapore, Kenya, no country
    for (const std::string_view plan :
         {"country: 31", "country: 1, trunk: 1, international: \"011\"", "country: 61, international: \"0011\"",
          "country: 7, trunk: 8, international: 810", "country: 36, trunk: \"06\"", "country: 358, international: 990",
          "country: 81, international: \"010\"", "country: 55, international: \"0014\"",
          "country: 65, trunk: \"\", international: \"001\"", "country: 254, international: \"000\"",
          "country: 57, trunk: \"0\", international: \"009\"", "international: \"0\""})
        EXPECT_EQ(with(plan), "") << plan;
}

TEST(ServerSection, NumbersAreDigits)
{
    EXPECT_EQ(faults_of("server: { numbers: { international: \"+\" } }\n"),
              "1:37: server.numbers.international: found \"+\", expected the digits that stand for the + of a number, "
              "such as \"00\"");
    for (const std::string country : {"+31", "031", "3111", "\"\"", "nl"})
        EXPECT_NE(faults_of("server: { numbers: { country: " + country + " } }\n").find("expected a country code"),
                  std::string::npos)
            << country;
    EXPECT_NE(faults_of("server: { numbers: { country: 31, trunk: x } }\n").find("expected the digits before"),
              std::string::npos);
    EXPECT_NE(faults_of("server: { numbers: { country: 31, send: e146 } }\n").find("e164"), std::string::npos);
    EXPECT_NE(faults_of("server: { numbers: { country: 39 } }\n").find("country 39 needs `trunk` beside it"),
              std::string::npos);
    EXPECT_NE(faults_of("server: { international_prefix: \"00\" }\n")
                  .find("unknown key \"international_prefix\"; write numbers: { international: \"00\" } in its place"),
              std::string::npos);
}

} // namespace
} // namespace dialhook::config::test
