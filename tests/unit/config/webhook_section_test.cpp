#include "unit/config/loading.hpp"

#include <string>
#include <string_view>

namespace dialhook::config::test {
namespace {

using namespace std::chrono_literals;

Webhook only_webhook(std::string_view keys)
{
    const auto webhooks = load_well(with_webhook(keys)).webhooks;
    EXPECT_EQ(webhooks.size(), 1U);
    return webhooks.at(0);
}

TEST(WebhookSection, DefaultsAreThoseOfTheManual)
{
    const auto webhook = only_webhook("");
    EXPECT_EQ(webhook.name.str(), "crm");
    EXPECT_EQ(webhook.url.origin().host, "crm.example");
    EXPECT_EQ(webhook.description, "");
    EXPECT_EQ(webhook.callerid, ForwardedNumber::caller);
    EXPECT_EQ(webhook.timeout, 5s);
    EXPECT_EQ(webhook.connect_timeout, 2s);
    EXPECT_EQ(webhook.request, RequestKind::get);
    EXPECT_EQ(webhook.redirects, 3U);
    EXPECT_EQ(webhook.max_in_flight, 1000U);
    EXPECT_EQ(webhook.headers, nullptr);
    EXPECT_EQ(webhook.tls, nullptr);
    EXPECT_EQ(webhook.destinations, nullptr);
}

TEST(WebhookSection, EveryKeyIsRead)
{
    const auto webhook = only_webhook(R"(description: "  Sales\n  and support "
callerid: suppressed
timeout: 2500ms
connect_timeout: 0.5
method: POST
body: json
redirects: 0
max_in_flight: 1000000
max_connections: 300
prewarm: 300
headers: { X-Tenant: 17, Accept: "" }
tls: { ca_file: /etc/ca.pem, client_cert: /etc/cert.pem, client_key: /etc/key.pem, min_version: 1.3 }
destinations: ["+31*", 1??, "sip:*@pbx.example"])");
    EXPECT_EQ(webhook.description, "Sales   and support");
    EXPECT_EQ(webhook.callerid, ForwardedNumber::suppressed);
    EXPECT_EQ(webhook.timeout, 2500ms);
    EXPECT_EQ(webhook.connect_timeout, 500ms);
    EXPECT_EQ(webhook.request, RequestKind::post_json);
    EXPECT_EQ(webhook.redirects, 0U);
    EXPECT_EQ(webhook.max_in_flight, 1'000'000U);
    EXPECT_EQ(webhook.max_connections, 300U);
    EXPECT_EQ(webhook.prewarm, 300U);
    ASSERT_NE(webhook.headers, nullptr);
    EXPECT_EQ(*webhook.headers,
              (std::vector{*RequestHeader::from("X-Tenant", "17"), *RequestHeader::from("Accept", "")}));
    ASSERT_NE(webhook.tls, nullptr);
    EXPECT_EQ(*webhook.tls, (TlsOptions{"/etc/ca.pem", "/etc/cert.pem", "/etc/key.pem", TlsVersion::tls_1_3}));
    ASSERT_NE(webhook.destinations, nullptr);
    ASSERT_EQ(webhook.destinations->size(), 3U);
    EXPECT_EQ(webhook.destinations->at(1).str(), "1??");
}

TEST(WebhookSection, ConnectTimeoutIsCutToTimeout)
{
    EXPECT_EQ(only_webhook("timeout: 1s").connect_timeout, 1s);
    EXPECT_EQ(only_webhook("timeout: 1s\nconnect_timeout: 3s").connect_timeout, 1s);
}

TEST(WebhookSection, MethodAndBody)
{
    EXPECT_EQ(only_webhook("method: GET").request, RequestKind::get);
    EXPECT_EQ(only_webhook("method: POST").request, RequestKind::post_form);
    EXPECT_EQ(only_webhook("method: POST\nbody: form").request, RequestKind::post_form);
    EXPECT_EQ(only_webhook("body: json\nmethod: POST").request, RequestKind::post_json);
}

TEST(WebhookSection, AreOrderedByName)
{
    const auto webhooks = load_well(R"(
webhooks:
  zulu: {url: "http://z/"}
  CRM connection: {url: "http://c/"}
  101: {url: "http://n/"}
)")
                              .webhooks;
    ASSERT_EQ(webhooks.size(), 3U);
    EXPECT_EQ(webhooks[0].name.str(), "101");
    EXPECT_EQ(webhooks[1].name.str(), "CRM connection");
    EXPECT_EQ(webhooks[2].name.str(), "zulu");
}

TEST(WebhookSection, DefaultsHoldWhereverTheyStand)
{
    const auto webhooks = load_well(R"(
webhooks:
  a: {url: "http://a/"}
  b: {url: "http://b/", method: GET, timeout: 1s, headers: {}, destinations: any, tls: {}}
defaults:
  description: shared
  callerid: called
  timeout: 3s
  method: POST
  body: json
  redirects: 1
  max_in_flight: 2
  headers: {X-A: b}
  tls: {min_version: "1.3"}
  destinations: ["+31*"]
)")
                              .webhooks;
    ASSERT_EQ(webhooks.size(), 2U);
    const auto& a = webhooks[0];
    EXPECT_EQ(a.description, "shared");
    EXPECT_EQ(a.callerid, ForwardedNumber::called);
    EXPECT_EQ(a.timeout, 3s);
    EXPECT_EQ(a.request, RequestKind::post_json);
    EXPECT_EQ(a.redirects, 1U);
    EXPECT_EQ(a.max_in_flight, 2U);
    EXPECT_NE(a.headers, nullptr);
    EXPECT_NE(a.tls, nullptr);
    EXPECT_NE(a.destinations, nullptr);
    const auto& b = webhooks[1];
    EXPECT_EQ(b.request, RequestKind::get);
    EXPECT_EQ(b.timeout, 1s);
    EXPECT_EQ(b.connect_timeout, 1s);
    EXPECT_EQ(b.headers, nullptr);
    EXPECT_EQ(b.tls, nullptr);
    EXPECT_EQ(b.destinations, nullptr);
}

TEST(WebhookSection, EqualValuesAreShared)
{
    const auto webhooks = load_well(R"(
defaults: {headers: {X-A: b}, tls: {min_version: 1.3}, destinations: [1??]}
webhooks:
  a: {url: "http://a/"}
  b: {url: "http://b/", headers: {X-A: b}, tls: {min_version: "1.3"}, destinations: ["1??"]}
  c: {url: "http://b/", headers: {X-A: c}, tls: {ca_file: /a}, destinations: [1?]}
)")
                              .webhooks;
    EXPECT_EQ(webhooks[0].headers, webhooks[1].headers);
    EXPECT_EQ(webhooks[0].tls, webhooks[1].tls);
    EXPECT_EQ(webhooks[0].destinations, webhooks[1].destinations);
    EXPECT_NE(webhooks[0].headers, webhooks[2].headers);
    EXPECT_NE(webhooks[0].tls, webhooks[2].tls);
    EXPECT_NE(webhooks[0].destinations, webhooks[2].destinations);
}

class WebhookKeyFaults : public testing::TestWithParam<FaultCase>
{
};

/// Lines count from the url, which is line 3 of the file; the keys begin at column 5.
TEST_P(WebhookKeyFaults, AreNamed)
{
    EXPECT_EQ(faults_of(with_webhook(GetParam().yaml)), GetParam().faults);
}

#define TIMES "a time such as 250ms, 1.5s, 2m or 1h (a bare number is seconds)"
#define PATTERN \
    "expected a pattern of digits, *, # and ?, with an optional + at its start, or one that starts with sip:"

constexpr FaultCase key_faults[] = {
    {"Misspelled", "tiemout: 3s", "4:5: webhooks.crm: unknown key \"tiemout\"; did you mean \"timeout\"?"},
    {"OfServer", "redact: true", "4:5: webhooks.crm: unknown key \"redact\"; it belongs under server"},
    {"TimeoutIsAList", "timeout: [3s]", "4:14: webhooks.crm.timeout: found a list, expected " TIMES},
    {"TimeoutIsTrue", "timeout: true", "4:14: webhooks.crm.timeout: found true, expected " TIMES},
    {"TimeoutIsNothing", "timeout:", "4:13: webhooks.crm.timeout: found nothing, expected " TIMES},
    {"TimeoutInWords", "timeout: 5 sec", "4:14: webhooks.crm.timeout: found \"5 sec\", expected " TIMES},
    {"TimeoutZero", "timeout: 0", "4:14: webhooks.crm.timeout: found 0, expected a time from 1ms to 24h"},
    {"TimeoutZeroWithUnit", "timeout: 0ms",
     "4:14: webhooks.crm.timeout: found \"0ms\", expected a time from 1ms to 24h"},
    {"TimeoutNegative", "timeout: -5s", "4:14: webhooks.crm.timeout: found \"-5s\", expected a time from 1ms to 24h"},
    {"TimeoutOverflow", "timeout: 99999999999999999999h",
     "4:14: webhooks.crm.timeout: found \"99999999999999999999h\", expected a time from 1ms to 24h"},
    {"TimeoutTooFine", "connect_timeout: 0.5ms",
     "4:22: webhooks.crm.connect_timeout: found \"0.5ms\", expected whole milliseconds"},
    {"RedirectsNegative", "redirects: -1",
     "4:16: webhooks.crm.redirects: found -1, expected a whole number from 0 to 20"},
    {"RedirectsMany", "redirects: 21", "4:16: webhooks.crm.redirects: found 21, expected a whole number from 0 to 20"},
    {"InFlightNone", "max_in_flight: 0",
     "4:20: webhooks.crm.max_in_flight: found 0, expected a whole number from 1 to 1,000,000"},
    {"InFlightMany", "max_in_flight: 1000001",
     "4:20: webhooks.crm.max_in_flight: found 1000001, expected a whole number from 1 to 1,000,000"},
    {"PrewarmAboveTheLimit", "max_connections: 4\nprewarm: 5",
     "5:5: webhooks.crm.prewarm: prewarm is 5 and `max_connections` 4, but no more can be kept open than may be open; "
     "lower the one or raise the other"},
    {"PrewarmMany", "prewarm: 10001",
     "4:14: webhooks.crm.prewarm: found 10001, expected a whole number from 0 to 10,000"},
    {"MethodLowerCase", "method: post",
     "4:13: webhooks.crm.method: found \"post\", expected GET or POST; did you mean \"POST\"?"},
    {"MethodUnknown", "method: DELETE", "4:13: webhooks.crm.method: found \"DELETE\", expected GET or POST"},
    {"BodyUnknown", "method: POST\nbody: xml", "5:11: webhooks.crm.body: found \"xml\", expected form or json"},
    {"BodyOfGet", "body: json",
     "4:11: webhooks.crm.body: only a POST has a body; write `method: POST` beside it, or remove it"},
    {"BodyBesideAWrongMethod", "method: Post\nbody: json",
     "4:13: webhooks.crm.method: found \"Post\", expected GET or POST; did you mean \"POST\"?"},
    {"Callerid", "callerid: supressed",
     "4:15: webhooks.crm.callerid: found \"supressed\", expected caller, called or suppressed; did you mean "
     "\"suppressed\"?"},
    {"CalleridIsAMapping", "callerid: {number: 1}",
     "4:15: webhooks.crm.callerid: found a mapping, expected caller, called or suppressed"},
    {"DescriptionIsAList", "description: [a]", "4:18: webhooks.crm.description: found a list, expected a text"},
    {"DescriptionWithEscape", "description: \"a\\eb\"",
     "4:18: webhooks.crm.description: the text holds a control character; remove it"},
    {"DestinationsEmpty", "destinations: []",
     "4:19: webhooks.crm.destinations: found an empty list, expected at least one pattern; write `destinations: any` "
     "to "
     "allow every destination"},
    {"DestinationsNothing", "destinations:",
     "4:18: webhooks.crm.destinations: found an empty list, expected at least one pattern; write `destinations: any` "
     "to "
     "allow every destination"},
    {"DestinationsText", "destinations: \"+31*\"",
     "4:19: webhooks.crm.destinations: found \"+31*\", expected a list of patterns, such as [\"+31*\", \"1??\"], or "
     "the word "
     "any"},
    {"DestinationsMapping", "destinations: {a: b}",
     "4:19: webhooks.crm.destinations: found a mapping, expected a list of patterns, such as [\"+31*\", \"1??\"], or "
     "the word "
     "any"},
    {"DestinationPatterns", "destinations: [1??, abc, \"\", [1]]",
     "4:25: webhooks.crm.destinations: found \"abc\", " PATTERN "\n"
     "4:30: webhooks.crm.destinations: found \"\", " PATTERN "\n"
     "4:34: webhooks.crm.destinations: found a list, " PATTERN},
    {"SeveralInOneRun", "timeout: x\nredirects: x\nmehtod: GET",
     "4:14: webhooks.crm.timeout: found \"x\", expected " TIMES "\n"
     "5:16: webhooks.crm.redirects: found \"x\", expected a whole number from 0 to 20\n"
     "6:5: webhooks.crm: unknown key \"mehtod\"; did you mean \"method\"?"},
};
INSTANTIATE_TEST_SUITE_P(All, WebhookKeyFaults, testing::ValuesIn(key_faults), case_name);

class WebhookFaults : public testing::TestWithParam<FaultCase>
{
};

TEST_P(WebhookFaults, AreNamed)
{
    EXPECT_EQ(faults_of(GetParam().yaml), GetParam().faults);
}

#define NAME_RULE "expected 1 to 64 letters, digits, spaces, '-', '_' and '.'"
#define NO_URL \
    "the key \"url\" is missing; it says where the request goes, such as url: https://crm.example/route?did={did}"

constexpr FaultCase webhook_faults[] = {
    {"WebhooksIsAList", "webhooks: [crm]", "1:11: webhooks: found a list, expected a mapping (`key: value`)"},
    {"PrewarmOfDefaults", "defaults: {prewarm: 9}\nwebhooks: {crm: {url: \"http://x/\", max_connections: 8}}",
     "2:12: webhooks.crm: prewarm is 9 and `max_connections` 8, but no more can be kept open than may be open; lower "
     "the one or raise the other"},
    {"FewerConnectionsThanThreads", "server: {threads: 4}\nwebhooks: {crm: {url: \"http://x/\", max_connections: 3}}",
     "2:36: webhooks.crm.max_connections: max_connections is 3 and `server.threads` 4, but each thread needs a "
     "connection; raise the one or lower the other"},
    {"WebhookIsAUrl", "webhooks:\n  crm: http://me:secret@crm.example/\n",
     "2:8: webhooks.crm: found a text, expected a mapping (`key: value`)"},
    {"NoUrl", "webhooks: {crm: {timeout: 1s}}", "1:12: webhooks.crm: " NO_URL},
    {"Nothing", "webhooks:\n  crm:\n", "2:3: webhooks.crm: " NO_URL},
    {"UrlIsAList", "webhooks: {crm: {url: []}}",
     "1:23: webhooks.crm.url: found a list, expected a URL template, such as https://crm.example/route?did={did}"},
    {"NameWithSlash", "webhooks: {crm/2: {url: \"http://x/\"}}",
     "1:12: webhooks: found \"crm/2\" as the name of a webhook, " NAME_RULE},
    {"NameWithUserInfo", "webhooks: {\"http://me:secret@x/\": {url: \"http://x/\"}}",
     "1:12: webhooks: found \"…\" as the name of a webhook, " NAME_RULE},
    {"NameEmpty", "webhooks: {\"\": {url: \"http://x/\"}}",
     "1:12: webhooks: found \"\" as the name of a webhook, " NAME_RULE},
    {"NameInQuotesInPaths", "webhooks:\n  CRM connection: {url: \"http://x/\", timeout: 0}\n",
     "2:47: webhooks.\"CRM connection\".timeout: found 0, expected a time from 1ms to 24h"},
    {"Twice", "webhooks:\n  crm: {url: \"http://x/\"}\n  crm: {url: \"http://x/\"}\n",
     "3:3: the key \"crm\" appears twice; the first one is at line 2, column 3"},
    {"DefaultsWithUrl", "defaults: {url: \"http://x/\"}",
     "1:12: defaults: unknown key \"url\"; it belongs under webhooks.NAME and notifications.NAME"},
    {"DefaultsAreChecked", "defaults: {timeout: 0, headers: {Host: a}}",
     "1:21: defaults.timeout: found 0, expected a time from 1ms to 24h\n"
     "1:34: defaults.headers.Host: the daemon sets this header itself; remove it"},
    {"BodyUnderDefaultsOfGet", "defaults: {body: json}\nwebhooks: {crm: {url: \"http://x/\"}}", ""},
    {"AuthorizationTwice", "webhooks:\n  crm: {url: \"http://me:secret@x/\", headers: {authorization: Bearer x}}\n",
     "2:14: webhooks.crm.url: the user info of this URL and `headers` both set Authorization; remove one of them "
     "(headers of "
     "`defaults` end where the webhook has `headers` of its own)"},
    {"UnknownAtTheTop", "webhook: {}\nivr: {}\ntimeout: 1s\n",
     "1:1: unknown key \"webhook\"; did you mean \"webhooks\"?\n"
     "2:1: unknown key \"ivr\"; it belongs under webhooks.NAME\n"
     "3:1: unknown key \"timeout\"; it belongs under webhooks.NAME, webhooks.NAME.ivr and notifications.NAME"},
};
INSTANTIATE_TEST_SUITE_P(All, WebhookFaults, testing::ValuesIn(webhook_faults), case_name);

/// A url as it stands behind `    url: ` in line 3, and the column of its fault.
struct UrlPlace
{
    std::string_view written;
    std::size_t column;
};

TEST(WebhookUrls, FaultsStandAtTheirVeryColumn)
{
    const UrlPlace cases[] = {
        {"ftp://crm.example/", 10},
        {"http://crm.example/a b", 30},
        {"http://crm.example/{dida}", 29},
        {"http://crm.example/?a={did", 32},
        {"\"http://crm.example/{dida}\"", 30},
        {"'http://crm.example/{dida}'", 30},
        {"\"http://crm.example/\\u00e9{dida}\"", 36},
        {"http://crm.example/\xC3\xA9{dida}", 30},
        {"&u http://crm.example/{dida}", 32},
        {"http://{did}.example/", 17},
        {"http://crm.example/#{did}", 30},
        {"http://crm.example/{code}", 29},
        {">-\n      http://crm.example/{dida}", 10},
    };
    for (const auto& [written, column] : cases) {
        const auto faults = faults_of("webhooks:\n  crm:\n    url: " + std::string(written) + "\n");
        const auto start = "3:" + std::to_string(column) + ": webhooks.crm.url: ";
        EXPECT_EQ(faults.substr(0, start.size()), start) << written << "\n" << faults;
        EXPECT_EQ(faults.find('\n'), std::string::npos) << faults;
    }
    EXPECT_EQ(
        faults_of("webhooks: {crm: {url: \"http://x/{{code}}{code}\"}}\n"),
        "1:33: warning: webhooks.crm.url: {{code}} is sent as the text {code}, not as a value; a variable is written "
        "{code}\n"
        "1:41: webhooks.crm.url: {code} has no value, because this webhook asks the caller for none; remove it, or "
        "give the webhook an `ivr`");
}

TEST(WebhookUrls, OneThatStandsTwiceIsAFaultWhateverTheSecondIs)
{
    EXPECT_EQ(faults_of("webhooks: {crm: {url: \"http://x/?c={code}\", url: {a: b}}}"),
              "1:45: the key \"url\" appears twice; the first one is at line 1, column 18\n"
              "1:50: webhooks.crm.url: found a mapping, expected a URL template, such as "
              "https://crm.example/route?did={did}");
}

TEST(WebhookUrls, CodeNeedsACallerWhoIsAsked)
{
    EXPECT_EQ(faults_of("webhooks: {crm: {url: \"http://x/?c={code}\"}}"),
              "1:36: webhooks.crm.url: {code} has no value, because this webhook asks the caller for none; remove it, "
              "or give the webhook an `ivr`");
}

TEST(WebhookUrls, NoFaultShowsUserInfo)
{
    for (const auto* url :
         {"http://me:secret@crm.example/{dida}", "http://me:secret@{did}/", "http://me:secret@/", "ftp://me:secret@x/",
          "http://me:secret@x:99999/", "http://me:sec ret@x/", "http://me:secret@x y/", "//me:secret@x/", "me:secret@x",
          "http://me:{secret}@x/", "http://me:secret@x/{code}"})
    {
        const auto faults = faults_of("webhooks: {crm: {url: '" + std::string(url) + "'}}");
        EXPECT_NE(faults, "") << url;
        EXPECT_EQ(faults.find("sec"), std::string::npos) << faults;
        EXPECT_EQ(faults.find("me:"), std::string::npos) << faults;
    }
}

} // namespace
} // namespace dialhook::config::test
