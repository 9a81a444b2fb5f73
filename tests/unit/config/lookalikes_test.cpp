#include "unit/config/loading.hpp"

#include <string>

namespace dialhook::config::test {
namespace {

class Lookalikes : public testing::TestWithParam<FaultCase>
{
};

TEST_P(Lookalikes, AreNamedWithTheirPlace)
{
    EXPECT_EQ(faults_of(GetParam().yaml), GetParam().faults);
}

constexpr FaultCase cases[] = {
    {"InAKey", "webhooks:\n  crm:\n    url: http://x/\n    time\xE2\x80\x8Bout: 2s\n",
     "4:5: webhooks.crm: unknown key \"time\xE2\x80\x8Bout\"; there is U+200B (ZERO WIDTH SPACE) in it, in column 9: "
     "remove it; did you mean \"timeout\"?"},
    {"BehindAKey", "webhooks:\n  crm:\n    url: http://x/\n    timeout\xC2\xA0: 2s\n",
     "4:5: webhooks.crm: unknown key \"timeout\xC2\xA0\"; there is U+00A0 (NO-BREAK SPACE) in it, in column 12: write "
     "an ordinary space, or remove it; did you mean \"timeout\"?"},
    {"LetterOfAnotherScript", "webhooks:\n  crm:\n    url: http://x/\n    tim\xD0\xB5out: 2s\n",
     "4:5: webhooks.crm: unknown key \"tim\xD0\xB5out\"; there is U+0435 (CYRILLIC SMALL LETTER IE) in it, in column "
     "8: write e from the keyboard; did you mean \"timeout\"?"},
    {"InATime", "webhooks:\n  crm:\n    url: http://x/\n    timeout: 2\xE2\x80\xAFs\n",
     "4:14: webhooks.crm.timeout: found \"2\xE2\x80\xAFs\", expected a time such as 250ms, 1.5s, 2m or 1h (a bare "
     "number is seconds); there is U+202F (NARROW NO-BREAK SPACE) in it, in column 15: write an ordinary space, or "
     "remove it"},
    {"QuotesAroundAWord", "webhooks:\n  crm:\n    url: http://x/\n    method: \xE2\x80\x9CPOST\xE2\x80\x9D\n",
     "4:13: webhooks.crm.method: found \"\xE2\x80\x9CPOST\xE2\x80\x9D\", expected GET or POST; did you mean \"POST\"?; "
     "there is U+201C (LEFT DOUBLE QUOTATION MARK) in it, in column 13: write \" from the keyboard"},
    {"FullWidthDigit", "server:\n  threads: \xEF\xBC\x92\n",
     "2:12: server.threads: found \"\xEF\xBC\x92\", expected a whole number from 1 to 256; there is U+FF12 (a "
     "full-width character) in it, in column 12: write 2 from the keyboard"},
    {"BehindAColon", "webhooks:\n  crm:\n    url:\xC2\xA0http://x/\n",
     "3:5: webhooks.crm: found a text, expected a mapping (`key: value`); there is U+00A0 (NO-BREAK SPACE) in it, in "
     "column 9: write an ordinary space, or remove it"},
    {"BehindAColonBesideOthers", "webhooks:\n  crm:\n    url: http://x/\n    timeout:\xC2\xA0\x32s\n",
     "5:1: this is not YAML: could not find expected ':' while scanning a simple key that begins at line 4, column 5; "
     "a key is followed by a colon and a space; "
     "line 4 has U+00A0 (NO-BREAK SPACE) in column 13: write an ordinary space, or remove it"},
    {"FullWidthColon", "webhooks\xEF\xBC\x9A\n  crm: {}\n",
     "2:6: this is not YAML: mapping values are not allowed in this context; put quotes around a text that holds \": "
     "\", or check the indentation; line 1 has U+FF1A (a full-width "
     "character) "
     "in column 9: write : from the keyboard"},
    {"DashOfAList", "webhooks: {w: {url: \"http://x/\"}}\ndialplans:\n  \"1\":\n    \xE2\x80\x93 webhook: w\n",
     "4:5: dialplans.1: found a mapping, expected a list of steps, each on a line that begins with a dash; there is "
     "U+2013 (EN DASH) in it, in column 5: write - from the keyboard"},
    {"StepOfTheDaemon", "dialplans:\n  \"1\":\n    - dial\xC2\xA0: \"2\"\n",
     "3:7: dialplans.1: found \"dial\xC2\xA0\" as a step; there is U+00A0 (NO-BREAK SPACE) in it, in column 11: write "
     "an "
     "ordinary space, or remove it"},
    {"Number", "dialplans:\n  \"+31\xE2\x80\xAA\x35\":\n    - hangup\n",
     "2:3: dialplans: found \"+31\xE2\x80\xAA\x35\" as a number, which no call would have; there is U+202A "
     "(LEFT-TO-RIGHT EMBEDDING) in it, in column 7: remove it"},
    {"NumberOfANotification",
     "notifications:\n  n: {url: \"http://x/\", dids: [\xE2\x80\x9C+31*\xE2\x80\x9D, \"+31\xE2\x80\x8B*\"]}\n",
     "2:32: notifications.n.dids: found \"\xE2\x80\x9C+31*\xE2\x80\x9D\" as a number, which no call would have; there "
     "is U+201C (LEFT DOUBLE QUOTATION MARK) in it, in column 32: write \" from the keyboard\n"
     "2:40: notifications.n.dids: found \"+31\xE2\x80\x8B*\" as a number, which no call would have; there is U+200B "
     "(ZERO WIDTH SPACE) in it, in column 44: remove it"},
    {"HostOfAUrl", "webhooks:\n  crm:\n    url: http://user:p\xD0\xB5@crm.exampl\xD0\xB5/\n",
     "3:17: webhooks.crm.url: the part after http:// is not [user:password@]host[:port]; a host name with other "
     "letters "
     "than a-z is written in its xn-- form; there is U+0435 (CYRILLIC SMALL LETTER IE) in it: write e from the "
     "keyboard"},
    {"HostInAnotherScript", "webhooks:\n  crm:\n    url: http://\xD1\x80\xD0\xB5.example/\n",
     "3:17: webhooks.crm.url: the part after http:// is not [user:password@]host[:port]; a host name with other "
     "letters "
     "than a-z is written in its xn-- form"},
    {"Header", "webhooks:\n  crm:\n    url: http://x/\n    headers: {X-\xD0\xA2oken: a, \"X\xC2\xA0Y\": b}\n",
     "4:15: webhooks.crm.headers.\"X-\xD0\xA2oken\": this is not a header name; it may hold letters, digits and "
     "!#$%&'*+-.^_`|~; there is U+0422 (CYRILLIC CAPITAL LETTER TE) in it, in column 17: write T from the keyboard\n"
     "4:27: webhooks.crm.headers.\"X\xC2\xA0Y\": this is not a header name; it may hold letters, digits and "
     "!#$%&'*+-.^_`|~; there is U+00A0 (NO-BREAK SPACE) in it, in column 29: write an ordinary space, or remove it"},
    {"Variable", "webhooks:\n  crm:\n    url: http://x/?a={d\xD1\x96\x64}\n",
     "3:22: webhooks.crm.url: unknown variable {d\xD1\x96\x64}; there is U+0456 (CYRILLIC SMALL LETTER "
     "BYELORUSSIAN-UKRAINIAN I) in it: write i from the keyboard"},
    {"LetterThatLooksLikeNone", "webhooks:\n  c\xD0\xB6m:\n    url: http://x/\n",
     "2:3: webhooks: found \"c\xD0\xB6m\" as the name of a webhook, expected 1 to 64 letters, digits, spaces, '-', '_' "
     "and '.'; there is U+0436 in it, in column 4: write it in ASCII"},
};

INSTANTIATE_TEST_SUITE_P(All, Lookalikes, testing::ValuesIn(cases), case_name);

TEST(LookalikesElsewhere, InAPathAreAWarning)
{
    EXPECT_EQ(warnings_of("server: {socket: \"/run/d\xE2\x80\x8Bialhook.sock\"}\n"),
              "1:25: warning: server.socket: this path has U+200B (ZERO WIDTH SPACE) in it: remove it");
    EXPECT_EQ(warnings_of("server: {socket: /run/\xD0\xB4\xD0\xB8.sock}\n"), "");
}

struct OddValue
{
    std::string_view yaml;
    std::string_view character; ///< empty: no warning
};

#define STEP(step) "dialplans:\n  \"1\":\n    - " step "\n"
#define HOOK(keys) "webhooks: {w: {url: \"http://x/\", " keys "}}\n"
#define FIELDS(fields) HOOK("method: POST, fields: " fields)
#define IVR(message) HOOK("ivr: {start_message: " message ", incorrect_message: b, timeout_message: c}")
#define QUOTED(text) "\xE2\x80\x9C" text "\xE2\x80\x9D"
#define ZERO_WIDTH "\xE2\x80\x8B"
#define NO_BREAK "\xC2\xA0"

constexpr OddValue odd_values[] = {
    {STEP("dial: " QUOTED("101")), "201C"},
    {STEP("dial: \"101" ZERO_WIDTH "\""), "200B"},
    {STEP("dial: {to: [101, \"102" NO_BREAK "\"]}"), "00A0"},
    {STEP("dial: {destination: " QUOTED("101") ", ring: 5s}"), "201C"},
    {STEP("play: " QUOTED("welcome")), "201C"},
    {STEP("play: welcome" ZERO_WIDTH), "200B"},
    {STEP("voicemail: " QUOTED("101")), "201C"},
    {STEP("queue: \xE2\x80\x98sales\xE2\x80\x99"), "2018"},
    {STEP("queue: {name: " QUOTED("sales") "}"), "201C"},
    {STEP("exec: {app: Set, args: [\"a" NO_BREAK "=1\"]}"), "00A0"},
    {STEP("callername: {prefix: \"CRM:" NO_BREAK "\"}"), "00A0"},
    {STEP("callername: {replace: " QUOTED("CRM") "}"), "201C"},
    {IVR(QUOTED("code")), "201C"},
    {IVR("\"code" ZERO_WIDTH "\""), "200B"},
    {HOOK("headers: {X-A: " QUOTED("b") "}"), "201C"},
    {HOOK("headers: {X-A: \"b" NO_BREAK "\"}"), "00A0"},
    {FIELDS("{\"From" ZERO_WIDTH "\": \"{did}\"}"), "200B"},
    {FIELDS("{" QUOTED("From") ": \"{did}\"}"), "201C"},
    {FIELDS("{From: \"\xE2\x80\x98{did}\xE2\x80\x99\"}"), "2018"},
    {STEP("dial: \"+31502102544\""), ""},
    {STEP("callername: {prefix: \"\xD0\x9F\xD1\x80\xD0\xBE\xD0\xB4\xD0\xB0\xD0\xB6\xD0\xB8: \"}"), ""},
    {STEP("callername: {replace: \"James\xE2\x80\x99 \xE2\x80\x93 caf\xC3\xA9\"}"), ""},
    {STEP("callername: {replace: \"\xE2\x80\x9CVIP\xE2\x80\x9D customer\"}"), ""},
    {STEP("callername: {replace: \"\xE5\xB1\xB1\xE3\x80\x80\xE7\x94\xB0\"}"), ""},                // Japanese
    {STEP("play: \"\xD9\x85\xDB\x8C\xE2\x80\x8C\xD8\xAE\xD9\x88\xD8\xA7\xD9\x87\xD9\x85\""), ""}, // Persian
    {STEP("park: " QUOTED("1")), ""},
    {FIELDS("{\xD0\x9E\xD1\x82: \"{did}\"}"), ""},
};

TEST(LookalikesElsewhere, InAValueAreAWarning)
{
    for (const auto& [yaml, character] : odd_values) {
        const std::string warning = warnings_of(yaml);
        if (character.empty())
            EXPECT_EQ(warning, "") << yaml;
        else
            EXPECT_NE(warning.find(" has U+" + std::string(character) + " ("), std::string::npos) << yaml << warning;
    }
}

TEST(LookalikesElsewhere, InAValueAreNamedWithTheirPlace)
{
    EXPECT_EQ(warnings_of(STEP("dial: \"101" ZERO_WIDTH "\"")),
              "3:17: warning: dialplans.1.dial: this text has U+200B (ZERO WIDTH SPACE) in it: remove it");
    EXPECT_EQ(warnings_of(FIELDS("{\"From" ZERO_WIDTH "\": \"{did}\"}")),
              "1:57: warning: webhooks.w.fields: the key \"From" ZERO_WIDTH
              "\" has U+200B (ZERO WIDTH SPACE) in it: remove it");
}

TEST(LookalikesElsewhere, MayStandWhereTextIsFree)
{
    const auto configuration = load_well("\xEF\xBB\xBFwebhooks:\n  crm:\n    url: http://x/\n    description: "
                                         "a\xC2\xA0\xE2\x80\x93 \xE2\x80\x9C\x62\xE2\x80\x9D\n"
                                         "dialplans:\n  \"1\":\n    - play: caf\xC3\xA9\xC2\xA0\n");
    EXPECT_EQ(configuration.webhooks.at(0).description, "a\xC2\xA0\xE2\x80\x93 \xE2\x80\x9C\x62\xE2\x80\x9D");
}

} // namespace
} // namespace dialhook::config::test
