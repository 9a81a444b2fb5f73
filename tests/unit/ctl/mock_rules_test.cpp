#include "ctl/mock/rules.hpp"

#include <gmock/gmock.h>

namespace dialhook::mock {
namespace {

using testing::ElementsAre;
using testing::Pair;

TEST(MockPattern, Matches)
{
    struct Case
    {
        const char* pattern;
        const char* value;
        bool matches;
    };
    const Case cases[] = {
        {"", "", true},
        {"", "x", false},
        {"*", "", true},
        {"*", "anything", true},
        {"?*", "", false},
        {"?*", "x", true},
        {"101", "101", true},
        {"101", "1011", false},
        {"1??", "101", true},
        {"1??", "10", false},
        {"+31*", "+31", true},
        {"+31*", "+32", false},
        {"*44", "+31502102544", true},
        {"*44", "4445", false},
        {"a*b*c", "axxbyyc", true},
        {"a*b*c", "axxbyy", false},
        {"*aab", "aaaab", true},
        {"\\*97", "*97", true},
        {"\\*97", "897", false},
        {"\\?", "x", false},
        {"a\\\\b", "a\\b", true},
        {"**", "x", true},
        {"\\*", "", false},
        {"*\\**", "1*2", true},
        {"*\\**", "12", false},
    };
    for (const Case& c : cases)
        EXPECT_EQ(Pattern(c.pattern).matches(c.value), c.matches) << c.pattern << " and " << c.value;
}

MockRequest request_with(std::map<std::string, std::string, std::less<>> parameters)
{
    return {"GET", "/crm?…", "", "/crm", std::move(parameters)};
}

std::string filled(const char* text, const MockRequest& request)
{
    const auto read = Template::read(text);
    return read ? read->filled_in(request) : "refused";
}

TEST(MockTemplate, TakesParametersOfTheRequest)
{
    const MockRequest request = request_with({{"did", "+31"}, {"callername", "A & B"}});
    EXPECT_EQ(filled("", request), "");
    EXPECT_EQ(filled("Caller {callername} for {did}{code}!", request), "Caller A & B for +31!");
    EXPECT_EQ(filled("{{did}} {{{did}}}", request), "{did} {+31}");
    for (const char* wrong : {"{", "}", "{did", "did}", "{}", "{a b}", "{{did}"})
        EXPECT_EQ(filled(wrong, request), "refused") << wrong;
    EXPECT_EQ(Template::read("/x?n={callername}&d={did}")->filled_in_encoded(request), "/x?n=A%20%26%20B&d=%2B31");
}

Rule rule(std::vector<std::pair<std::string, Pattern>> parameters, unsigned status)
{
    return {{}, {}, std::move(parameters), {}, Respond{status, {}, {}, {}}};
}

unsigned status_for(const MockRequest& request, const ReplyRules& rules)
{
    return std::get<Respond>(rule_for(request, rules).answer).status;
}

TEST(MockRules, TheFirstOneWhoseConditionsAllMatchAnswers)
{
    ReplyRules rules{rule({{"did", Pattern("1")}, {"callerid", Pattern("2")}}, 201), rule({{"did", Pattern("1")}}, 202),
                     rule({{"callerid", Pattern("")}}, 203)};
    EXPECT_EQ(status_for(request_with({{"did", "1"}, {"callerid", "2"}}), rules), 201U);
    EXPECT_EQ(status_for(request_with({{"did", "1"}, {"callerid", "3"}}), rules), 202U);
    EXPECT_EQ(status_for(request_with({}), rules), 203U);
    EXPECT_EQ(status_for(request_with({{"callerid", "3"}}), rules), 404U);

    rules.front() = {Pattern("POST"), Pattern("/crm"), {}, {}, Respond{204, {}, {}, {}}};
    EXPECT_EQ(status_for({"POST", "/crm", "", "/crm", {}}, rules), 204U);
    EXPECT_EQ(status_for({"GET", "/crm", "", "/crm", {}}, rules), 203U);
    EXPECT_EQ(status_for({"POST", "/", "", "/", {}}, rules), 203U);
}

TEST(MockRules, FillsInAResponse)
{
    const Respond respond{302,
                          {{"Location", *Template::read("/next?did={did}")}},
                          Fields{{"status", *Template::read("ACK")}, {"callername", *Template::read("A&B {did}")}},
                          {}};
    const MockResponse response = fill_in(respond, request_with({{"did", "+31"}}));
    EXPECT_EQ(response.status, 302U);
    EXPECT_THAT(response.headers, ElementsAre(Pair("Location", "/next?did=%2B31")));
    EXPECT_EQ(response.body, "status=ACK&callername=A%26B%20%2B31");
    EXPECT_EQ(fill_in(Respond{200, {}, "raw {did}", {}}, request_with({})).body, "raw {did}");
}

TEST(MockRules, LogsOneHarmlessLine)
{
    using namespace std::chrono_literals;
    const MockRequest get{"GET", "/crm?did=1", "", "/crm", {}};
    const MockRequest post{"POST", "/crm", "did=1\n\x1b", "/crm", {}};
    EXPECT_EQ(log_line(get, rule({}, 200)), "GET /crm?did=1 -> 200");
    EXPECT_EQ(log_line(post, {{}, {}, {}, 250ms, Respond{503, {}, "no\n", 10ms}}),
              "POST /crm did=1\\n\\x1b -> 503 no\\n (a byte every 10 ms) after 250 ms");
    EXPECT_EQ(log_line(get, {{}, {}, {}, {}, Hang{}}), "GET /crm?did=1 -> hangs");
    EXPECT_EQ(log_line(get, {{}, {}, {}, {}, Close{}}), "GET /crm?did=1 -> closes");
    EXPECT_EQ(log_line(get, {{}, {}, {}, {}, Reset{}}), "GET /crm?did=1 -> resets");
}

} // namespace
} // namespace dialhook::mock
