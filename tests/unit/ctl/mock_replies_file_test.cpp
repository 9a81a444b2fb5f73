#include "ctl/mock/replies_file.hpp"

#include <gmock/gmock.h>

namespace dialhook::mock {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

ReplyRules rules_of(std::string_view yaml)
{
    const auto read = read_replies(yaml, "r.yaml");
    if (const auto* errors = std::get_if<FileErrors>(&read)) {
        ADD_FAILURE() << testing::PrintToString(*errors);
        return ReplyRules(1);
    }
    return std::get<ReplyRules>(read);
}

FileErrors errors_of(std::string_view yaml)
{
    const auto read = read_replies(yaml, "r.yaml");
    const auto* errors = std::get_if<FileErrors>(&read);
    return errors != nullptr ? *errors : FileErrors{};
}

std::string body_for(std::string_view yaml, const MockRequest& request)
{
    return fill_in(std::get<Respond>(rule_for(request, rules_of(yaml)).answer), request).body;
}

TEST(MockRepliesFile, ReadsEveryKey)
{
    const ReplyRules rules = rules_of("- method: POST\n"
                                      "  path: /crm\n"
                                      "  did: 0201234567\n"
                                      "  callerid: '+31*'\n"
                                      "  callername: A*\n"
                                      "  call_id: x\n"
                                      "  presentation: allowed\n"
                                      "  code: 0012\n"
                                      "  params: {tenant: acme}\n"
                                      "  delay: 1.5s\n"
                                      "  drip: 20ms\n"
                                      "  http_status: 201\n"
                                      "  headers: {X-One: a b}\n"
                                      "  reply: {status: ACK, destination: +31502102544}\n");
    const Rule& rule = rules.at(0);
    MockRequest request{"POST",
                        "/crm",
                        "",
                        "/crm",
                        {{"did", "0201234567"},
                         {"callerid", "+316"},
                         {"callername", "Ab"},
                         {"call_id", "x"},
                         {"presentation", "allowed"},
                         {"code", "0012"},
                         {"tenant", "acme"}}};
    EXPECT_TRUE(rule.matches(request));
    for (auto& [name, value] : request.parameters) {
        const std::string right = std::exchange(value, "wrong");
        EXPECT_FALSE(rule.matches(request)) << name;
        value = right;
    }
    EXPECT_EQ(rule.delay, 1500ms);
    const auto& respond = std::get<Respond>(rule.answer);
    EXPECT_EQ(respond.drip, 20ms);
    const MockResponse response = fill_in(respond, request);
    EXPECT_EQ(response.status, 201U);
    EXPECT_EQ(response.headers.at(0).second, "a b");
    EXPECT_EQ(response.body, "status=ACK&destination=%2B31502102544");
}

TEST(MockRepliesFile, ReadsTheWaysNotToAnswer)
{
    const ReplyRules rules = rules_of("- {hang: true}\n- {close: true, delay: 1}\n- reset: true\n- http_status: 503\n");
    EXPECT_TRUE(std::holds_alternative<Hang>(rules.at(0).answer));
    EXPECT_TRUE(std::holds_alternative<Close>(rules.at(1).answer));
    EXPECT_EQ(rules.at(1).delay, 1s);
    EXPECT_TRUE(std::holds_alternative<Reset>(rules.at(2).answer));
    EXPECT_EQ(std::get<Respond>(rules.at(3).answer).status, 503U);
}

TEST(MockRepliesFile, AnswersJson)
{
    const MockRequest request{"GET", "/", "", "/", {{"callerid", "+31\"\xEB"}}};
    const ReplyRules rules = rules_of("- json:\n"
                                      "    status: ACK\n"
                                      "    destination: [\"101\", 102, +31, 0101]\n"
                                      "    callername: 'Caller {callerid} {{x}}'\n"
                                      "    nested: {found: true, none: null, text: \"true\", empty: [], price: 1.5}\n");
    const MockResponse response = fill_in(std::get<Respond>(rules.at(0).answer), request);
    EXPECT_TRUE(response.is_json);
    EXPECT_EQ(response.body,
              R"({"status":"ACK","destination":["101",102,"+31","0101"],"callername":"Caller +31\"ë {x}",)"
              R"("nested":{"found":true,"none":null,"text":"true","empty":[],"price":1.5}})");
}

TEST(MockRepliesFile, FindsAllErrorsWithTheirPlaces)
{
    EXPECT_THAT(
        errors_of("- pth: /crm\n"
                  "  reply: {status: ACK, status: NAK}\n"
                  "- http_status: 99\n"
                  "  delay: soon\n"
                  "- NAK\n"
                  "- path: [a]\n"
                  "- {hang: true, reset: true}\n"
                  "- {close: true, body: x}\n"
                  "- {hang: yes}\n"),
        ElementsAre(
            "r.yaml:1:3: unknown key 'pth'; a rule has method, path, did, callerid, callername, call_id, "
            "presentation, code, params, reply, json, body, http_status, headers, delay, drip, hang, close, reset",
            "r.yaml:2:24: the key \"status\" appears twice; the first one is at line 2, column 11",
            "r.yaml:3:16: 'http_status' must be a number from 200 to 599, found '99'",
            "r.yaml:4:10: 'delay' must be a time such as 250ms or 1.5s, found 'soon'",
            "r.yaml:5:3: a rule is a map such as {path: /crm, reply: {status: ACK}}",
            "r.yaml:6:3: a rule needs an answer: reply, json, body, http_status, hang, close or reset",
            "r.yaml:6:9: 'path' must be text", "r.yaml:7:23: 'reset' cannot stand beside 'hang'",
            "r.yaml:8:3: 'close' answers nothing: 'body' cannot stand beside it",
            "r.yaml:9:3: a rule needs an answer: reply, json, body, http_status, hang, close or reset",
            "r.yaml:9:10: 'hang' can only be true; leave it out otherwise"));
}

TEST(MockRepliesFile, RefusesWhatCannotBeSent)
{
    EXPECT_THAT(errors_of("- headers: {'a b': c}\n"), ElementsAre("r.yaml:1:13: 'a b' cannot be the name of a header"));
    EXPECT_THAT(errors_of("- headers: {X: \"a\\r\\nb\"}\n"),
                ElementsAre("r.yaml:1:16: a header cannot hold control characters"));
    EXPECT_THAT(errors_of("- {http_status: 204, body: x}\n"),
                ElementsAre("r.yaml:1:3: a response 204 cannot have a body"));
    EXPECT_THAT(errors_of("- {body: x, reply: {}}\n"),
                ElementsAre("r.yaml:1:3: a rule has 'reply', 'json' or 'body', not two of them"));
    EXPECT_THAT(errors_of("- {json: {}, reply: {}}\n"),
                ElementsAre("r.yaml:1:21: a rule has 'reply' or 'json', not both"));
    EXPECT_THAT(errors_of("- json: [a]\n"),
                ElementsAre("r.yaml:1:9: 'json' must be a map: a reply in JSON is an object"));
    EXPECT_THAT(
        errors_of("- json: {a: [{b: '{did'}]}\n"),
        ElementsAre("r.yaml:1:18: a single brace; {name} stands for a parameter of the request, {{ and }} for braces"));
    EXPECT_THAT(
        errors_of("- reply: {status: '{did'}\n"),
        ElementsAre("r.yaml:1:19: a single brace; {name} stands for a parameter of the request, {{ and }} for braces"));
    EXPECT_THAT(errors_of("- reply: ACK\n"), ElementsAre("r.yaml:1:10: 'reply' must be a map of names and texts"));
}

TEST(MockRepliesFile, RefusesWhatIsNoListOfRules)
{
    const std::string text = "r.yaml:1:1: a replies file is a list of rules, each beginning with '- '";
    EXPECT_THAT(errors_of(""), ElementsAre(text));
    EXPECT_THAT(errors_of("# nothing\n"), ElementsAre(text));
    EXPECT_THAT(errors_of("path: /crm\n"), ElementsAre(text));
    EXPECT_THAT(errors_of("- {\n"), ElementsAre(testing::StartsWith("r.yaml:2:1: this is not YAML: ")));
    EXPECT_THAT(errors_of("- {hang: true}\n---\n- {}\n"),
                ElementsAre("r.yaml:2:1: a second document begins here; a file of replies holds one, so remove the "
                            "`---`"));
}

/// The mock had a reader of YAML and one of times of its own. Those of the configuration won: they say more, stop at
/// aliases that would fill the memory, and nobody has to remember two grammars.
TEST(MockRepliesFile, IsReadAsTheConfigurationIs)
{
    EXPECT_EQ(rules_of("- {hang: true, delay: 24h}\n").at(0).delay, 24h);
    EXPECT_EQ(rules_of("- {hang: true, delay: 0.25}\n").at(0).delay, 250ms);
    for (const std::string time : {".5s", "5.s", "25h", "0.5ms", "1e3", "-1s", "1 s", "inf"})
        EXPECT_THAT(errors_of("- {hang: true, delay: " + time + "}\n"),
                    ElementsAre("r.yaml:1:23: 'delay' must be a time such as 250ms or 1.5s, found '" + time + "'"));
    EXPECT_THAT(
        errors_of("- {body: \xFF}\n"),
        ElementsAre("r.yaml:1:10: this byte is not UTF-8; save the file in UTF-8, the only encoding that is read"));
    EXPECT_THAT(errors_of("- &a {body: x, params: {b: *a}}\n"),
                ElementsAre("r.yaml:1:28: this alias is inside its own anchor, and so would never end"));
    EXPECT_THAT(
        errors_of("- {<<: {delay: 1s}, body: x}\n"),
        ElementsAre("r.yaml:1:4: merge keys (<<) do not exist in YAML 1.2; write out what rules have in common"));
    EXPECT_EQ(
        body_for("- &a {path: /a, body: x}\n- {path: /b, body: y}\n- *a\n", MockRequest{"GET", "/a", "", "/a", {}}),
        "x");
}

TEST(MockRepliesFile, TheBuiltInRulesPlayTheCases)
{
    const auto yaml = built_in_replies();
    const auto asks = [&](std::string_view target) { return body_for(yaml, read_request("GET", target, "", "")); };
    EXPECT_EQ(asks("/crm?callerid=%2B31612345678"),
              "status=ACK&destination=%2B31502102544&callername=VoysTelecom&account=4711");
    EXPECT_EQ(asks("/crm?callerid="), "status=ACK&destination=100&callername=Withheld");
    EXPECT_EQ(asks("/crm?callerid=%2B31900"), "status=NAK");
    EXPECT_EQ(asks("/crm?callerid=201"), "status=ACK&destination=101&callername=Caller%20201");
    EXPECT_EQ(asks("/crm?callerid=201&code=1234"), "status=ACK&destination=101&callername=Member%201234");
    EXPECT_EQ(asks("/crm?callerid=201&code=1"), "status=NAK");
    EXPECT_EQ(asks("/err"), "status=ERR");
}

} // namespace
} // namespace dialhook::mock
