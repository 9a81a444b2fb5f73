#include "events/words.hpp"
#include "unit/config/loading.hpp"

#include <string>
#include <string_view>
#include <variant>

namespace dialhook::config::test {
namespace {

using namespace std::chrono_literals;
using events::EventFormat;
using events::Kind;
using events::NatsUrl;
using events::Notification;

/// One notification named `crm`, which goes to a good url and has further keys.
std::string with_keys(std::string_view keys)
{
    return "notifications:\n  crm:\n    url: http://crm.example/\n    " + std::string(keys) + "\n";
}

Notification only(const std::string& yaml)
{
    const auto loaded = load_well(yaml);
    EXPECT_EQ(loaded.notifications->size(), 1U);
    return loaded.notifications->at(0);
}

NatsUrl nats(std::string_view url)
{
    const auto notification = only("notifications: {bus: {url: \"" + std::string(url) + "\"}}");
    return std::get<NatsUrl>(notification.urls.at(0));
}

TEST(NotificationSection, DefaultsAreThoseOfTheManual)
{
    const auto one = only("notifications: {crm: {url: \"https://me:secret@CRM.example/calls\"}}");
    EXPECT_EQ(one.name.str(), "crm");
    EXPECT_EQ(one.description, "");
    ASSERT_EQ(one.urls.size(), 1U);
    EXPECT_EQ(shown(one.urls[0]), "https://***@crm.example/calls");
    EXPECT_TRUE(one.events.all());
    EXPECT_TRUE(one.dids.empty());
    EXPECT_EQ(one.format, EventFormat::voys_v2);
    EXPECT_EQ(one.fields, nullptr);
    EXPECT_EQ(one.expires, 24h);
    EXPECT_EQ(one.timeout, 5s);
    EXPECT_EQ(one.connect_timeout, 2s);
    EXPECT_EQ(one.redirects, 3U);
    EXPECT_EQ(one.headers, nullptr);
    EXPECT_TRUE(one.secrets.empty());
    EXPECT_EQ(one.tls, nullptr);
}

TEST(NotificationSection, EveryKeyIsRead)
{
    const auto one = only(R"(vars: [tenant]
server: { numbers: { country: "31", trunk: "0" } }
notifications:
  crm:
    description: "  Screen pop\n  "
    url: [http://crm.example/calls, "https://b.example:8443/x?y={{1}}"]
    events: [ringing, ended]
    dids: ["050*", 0502102544, 112, "101"]
    format: fields
    fields: { From: "{callerid}", tenant: { name: "{var.tenant}" } }
    expires: 1h
    timeout: 1s
    connect_timeout: 3s
    redirects: 0
    headers: { X-Tenant: 17, Content-Type: text/plain }
    secret: [whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw, whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA]
    tls: { ca_file: /etc/ca.pem })");
    EXPECT_EQ(one.description, "Screen pop");
    ASSERT_EQ(one.urls.size(), 2U);
    EXPECT_EQ(shown(one.urls[1]), "https://b.example:8443/x?y={{1}}");
    EXPECT_TRUE(one.events.test(static_cast<std::size_t>(Kind::ringing)));
    EXPECT_TRUE(one.events.test(static_cast<std::size_t>(Kind::ended)));
    EXPECT_EQ(one.events.count(), 2U);
    EXPECT_EQ(one.dids, (std::vector<std::string>{"+3150*", "+31502102544", "112", "101"}));
    EXPECT_EQ(one.format, EventFormat::fields);
    ASSERT_NE(one.fields, nullptr);
    EXPECT_EQ(one.fields->members.size(), 2U);
    EXPECT_EQ(one.expires, 1h);
    EXPECT_EQ(one.timeout, 1s);
    EXPECT_EQ(one.connect_timeout, 1s) << "cut to `timeout`";
    EXPECT_EQ(one.redirects, 0U);
    ASSERT_NE(one.headers, nullptr);
    EXPECT_EQ(one.headers->size(), 2U);
    EXPECT_EQ(one.secrets.size(), 2U);
    ASSERT_NE(one.tls, nullptr);
    EXPECT_EQ(one.tls->ca_file, "/etc/ca.pem");
}

TEST(NotificationSection, DidsMayBeCodesThatAreDialled)
{
    const auto one = only(with_keys(R"(dids: ["*97", "*9*", "*21*101#", "#21*101", "sip:*98@pbx.lan"])"));
    EXPECT_EQ(one.dids, (std::vector<std::string>{"*97", "*9*", "*21*101#", "#21*101", "*98"}));
}

TEST(NotificationSection, DefaultsOfWebhooksAreNotTheirs)
{
    const auto one = only("defaults: { timeout: 1s, headers: { X-A: b } }\n" + with_keys("description: a"));
    EXPECT_EQ(one.timeout, 5s);
    EXPECT_EQ(one.headers, nullptr);
}

TEST(NotificationSection, IsEmptyWhereNoneIs)
{
    ASSERT_NE(load_well("webhooks: {}").notifications, nullptr);
    EXPECT_TRUE(load_well("webhooks: {}").notifications->empty());
    EXPECT_TRUE(load_well("notifications:\nwebhooks: {}").notifications->empty());
}

TEST(NotificationSection, IsJoinedByName)
{
    const Folder folder;
    folder.write("main.yaml", "include: [b.yaml, c.yaml]\nnotifications: {m: {url: \"http://m/\"}}\n");
    folder.write("b.yaml", "notifications: {z: {url: \"http://z/\"}}\n");
    folder.write("c.yaml", "notifications: {a: {url: \"http://a/\"}}\n");
    const auto all = folder.load_well("main.yaml").notifications;
    ASSERT_EQ(all->size(), 3U);
    EXPECT_EQ(all->at(0).name.str(), "a");
    EXPECT_EQ(all->at(1).name.str(), "m");
    EXPECT_EQ(all->at(2).name.str(), "z");

    folder.write("c.yaml", "notifications:\n  z: {url: \"http://a/\"}\n");
    EXPECT_EQ(folder.faults_of("main.yaml"),
              "c.yaml:2:3: notifications: \"z\" appears twice; the first one is at b.yaml:1:17");
}

TEST(NotificationSection, AWebhookMayHaveTheSameName)
{
    EXPECT_EQ(faults_of("webhooks: {crm: {url: \"http://x/\"}}\n" + with_keys("")), "");
}

TEST(NatsUrls, AreReadWhole)
{
    const auto plain = nats("nats://bus.example/calls");
    EXPECT_EQ(plain.servers, (std::vector<NatsUrl::Server>{{"bus.example", 4222}}));
    EXPECT_EQ(plain.subject, "calls");
    EXPECT_EQ(plain.user + plain.password + plain.token, "");
    EXPECT_EQ(plain.shown, "nats://bus.example/calls");

    const auto cluster = nats("NATS://me:s%40cret@A.example:80,[::1],127.0.0.1:4223/dialhook.calls-1_x");
    EXPECT_EQ(cluster.servers, (std::vector<NatsUrl::Server>{{"a.example", 80}, {"::1", 4222}, {"127.0.0.1", 4223}}));
    EXPECT_EQ(cluster.user, "me");
    EXPECT_EQ(cluster.password, "s@cret");
    EXPECT_EQ(cluster.shown, "nats://***@a.example:80,[::1],127.0.0.1:4223/dialhook.calls-1_x");

    EXPECT_EQ(nats("nats://t%3Aoken@[::1]:4300/a").token, "t:oken");
    EXPECT_EQ(nats("nats://t%3Aoken@[::1]:4300/a").servers.at(0).port, 4300);
    EXPECT_EQ(nats("nats://a:4222/s").shown, nats("nats://a/s").shown) << "the spool knows a target by it";
}

class NotificationFaults : public testing::TestWithParam<FaultCase>
{
};
TEST_P(NotificationFaults, AreNamed)
{
    EXPECT_EQ(faults_of(GetParam().yaml), GetParam().faults);
}

#define NATS(url) "notifications: {a: {url: \"nats://" url "\"}}"
#define HTTP(keys) "notifications: {a: {url: \"http://x/\", " keys "}}"
#define SUBJECT_RULE \
    "a subject is words of letters, digits, - and _ with dots between them, and without the wildcards * and >"
#define START_OF_NUMBERS                                                                                              \
    "a pattern is the start of numbers and a * at its end, such as \"+3150210*\"; `?`, and a * elsewhere, stand for " \
    "nothing here; write a shorter start, or each number"
#define NO_VARIABLES                                                                                                  \
    "the URL of a notification holds no variables: all events go to one place, and say what is known of the call in " \
    "their body; a literal { is written {{"

constexpr FaultCase notification_faults[] = {
    {"IsAList", "notifications: [a]", "1:16: notifications: found a list, expected a mapping (`key: value`)"},
    {"IsAUrl", "notifications: {a: \"http://x/\"}",
     "1:20: notifications.a: found a text, expected a mapping (`key: value`)"},
    {"Name", "notifications: {a/b: {url: \"http://x/\"}}",
     "1:17: notifications: found \"a/b\" as the name of a notification, expected 1 to 64 letters, digits, spaces, '-', "
     "'_' and '.'"},
    {"UnknownKey", HTTP("event: [ended]"), "1:39: notifications.a: unknown key \"event\"; did you mean \"events\"?"},
    {"KeyOfWebhooks", HTTP("retries: 1"),
     "1:39: notifications.a: unknown key \"retries\"; it belongs under webhooks.NAME"},
    {"NoUrl", "notifications: {a: {}}",
     "1:17: notifications.a: the key \"url\" is missing; it says where events go, such as url: "
     "https://crm.example/calls"},
    {"NoUrls", "notifications: {a: {url: []}}",
     "1:26: notifications.a.url: found no URL, expected at least one, such as https://crm.example/calls"},
    {"UrlOfNothing", "notifications: {a: {url: }}",
     "1:26: notifications.a.url: found no URL, expected at least one, such as https://crm.example/calls"},
    {"UrlTwice", "notifications: {a: {url: [\"http://x/\", \"http://X:80/\"]}}",
     "1:40: notifications.a.url: this URL appears twice; each gets every event once"},
    {"UrlOfAnotherScheme", "notifications: {a: {url: \"mqtt://x/\"}}",
     "1:26: notifications.a.url: the URL of a notification starts with http://, https:// or nats://"},
    {"UrlWithoutHost", "notifications: {a: {url: \"http:///x\"}}",
     "1:34: notifications.a.url: the part after http:// needs a host: a name of letters, digits, dashes and dots, or "
     "an address without a zone"},
    {"Variable", "notifications: {a: {url: \"http://x/?did={did}\"}}", "1:41: notifications.a.url: " NO_VARIABLES},
    {"UnknownVariable", "notifications: {a: {url: \"http://{host}/\"}}", "1:34: notifications.a.url: " NO_VARIABLES},
    {"VariableInSubject", NATS("x/calls.{did}"), "1:42: notifications.a.url: " NO_VARIABLES},
    {"Events", HTTP("events: [ring, ended, ended]"),
     "1:48: notifications.a.events: found \"ring\", expected created, ringing, answered, transferred or ended\n"
     "1:61: notifications.a.events: this event appears twice"},
    {"NoEvents", HTTP("events: []"),
     "1:47: notifications.a.events: found no events, expected at least one; leave the key out for all of them"},
    {"EventsAreAWord", HTTP("events: ended"),
     "1:47: notifications.a.events: found a text, expected a list of events, such as [ringing, ended]"},
    {"Dids", HTTP("dids: [\"*\", \"\", \"+31502102544\", \"tel:+31502102544\"]"),
     "1:46: notifications.a.dids: leave `dids` out for the calls of all numbers\n"
     "1:51: notifications.a.dids: expected the number that is called, 1 to 256 bytes\n"
     "1:71: notifications.a.dids: this number appears twice"},
    {"DidsAsDestinations", HTTP("dids: [\"+315021025??\", \"+31*2544\", \"31**\", \"*9?\"]"),
     "1:46: notifications.a.dids: " START_OF_NUMBERS "\n1:62: notifications.a.dids: " START_OF_NUMBERS
     "\n1:74: notifications.a.dids: " START_OF_NUMBERS "\n1:82: notifications.a.dids: " START_OF_NUMBERS},
    {"NoDids", HTTP("dids: []"),
     "1:45: notifications.a.dids: found no numbers, expected at least one; leave the key out for the calls of all "
     "numbers"},
    {"Format", HTTP("format: voys"),
     "1:47: notifications.a.format: found \"voys\", expected voys-v2, cloudevents or "
     "fields"},
    {"FormatWithoutFields", HTTP("format: fields"),
     "1:39: notifications.a.format: with `format: fields` the body is what `fields` says; write them beside it, such "
     "as fields: { number: \"{callerid}\" }"},
    {"FieldsWithoutFormat", HTTP("fields: {a: b}"),
     "1:39: notifications.a.fields: `fields` belong to `format: fields`; write that beside them, or remove them"},
    {"Code", HTTP("format: fields, fields: {a: \"{code}\"}"),
     "1:68: notifications.a.fields.a: unknown variable {code}; there are {did}, {callerid}, {callername}, {call_id}, "
     "{presentation}, {event}, {seq}, {at}, {direction}, {targets}, {answered_by}, {transferred_by}, {transfer} and "
     "{reason}, and {var.NAME} for the names under `vars`"},
    {"VariableOfEvents", HTTP("format: fields, fields: {a: \"{event} {seq} {var.x}\"}"),
     "1:82: notifications.a.fields.a: unknown variable {var.x}; declare its name at the top of the main file, vars: "
     "[x]"},
    {"Times", HTTP("expires: 500ms, timeout: 0, connect_timeout: 2d"),
     "1:48: notifications.a.expires: found \"500ms\", expected a time from 1s to 24h\n"
     "1:64: notifications.a.timeout: found 0, expected a time from 1ms to 24h\n"
     "1:84: notifications.a.connect_timeout: found \"2d\", expected a time such as 250ms, 1.5s, 2m or 1h (a bare "
     "number "
     "is seconds)"},
    {"Redirects", HTTP("redirects: 21"),
     "1:50: notifications.a.redirects: found 21, expected a whole number from 0 to 20"},
    {"HeaderWithVariable", HTTP("headers: {X-Did: \"{did}\"}"),
     "1:56: notifications.a.headers.X-Did: the value holds a variable, but it is the same in all requests here; what "
     "is known of the call stands in the body, and a literal { is written {{"},
    {"HeaderOfTheDaemon", HTTP("headers: {webhook-ID: a, Webhook-Sequence: b}"),
     "1:39: notifications.a.headers: the daemon sets the header webhook-id itself; remove it from `headers`\n"
     "1:39: notifications.a.headers: the daemon sets the header webhook-sequence itself; remove it from `headers`"},
    {"AuthorizationTwice", "notifications: {a: {url: \"http://u:p@x/\", headers: {Authorization: b}}}",
     "1:21: notifications.a.url: the user info of a URL and `headers` both set Authorization; remove one of them"},
    {"Secret", HTTP("secret: abc"),
     "1:47: notifications.a.secret: expected whsec_ and the base64 of 24 to 64 bytes, as the Standard Webhooks "
     "specification has it; `echo whsec_$(openssl rand -base64 32)` makes one"},
    {"TlsKeyAlone", HTTP("tls: {client_key: /a}"),
     "1:45: notifications.a.tls.client_key: found no `client_cert` beside it; a client certificate needs both"},
    {"HeadersOfNats", "notifications: {a: {url: \"nats://x/a\", headers: {X: a}}}",
     "1:40: notifications.a.headers: `headers` does not apply to NATS, and one of the URLs is nats://; give that URL a "
     "notification of its own, or remove the key"},
    {"SecretOfNats",
     "notifications: {a: {url: [\"http://x/\", \"nats://x/a\"], secret: whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw}}",
     "1:55: notifications.a.secret: `secret` does not apply to NATS, and one of the URLs is nats://; give that URL a "
     "notification of its own, or remove the key"},
    {"NatsNoSubject", NATS("x"),
     "1:35: notifications.a.url: the URL names no subject; write one after the servers, such as "
     "nats://127.0.0.1:4222/dialhook.calls"},
    {"NatsEmptySubject", NATS("x/"),
     "1:35: notifications.a.url: the URL names no subject; write one after the servers, such as "
     "nats://127.0.0.1:4222/dialhook.calls"},
    {"NatsQuery", NATS("x?a"),
     "1:35: notifications.a.url: the URL names no subject; write one after the servers, such as "
     "nats://127.0.0.1:4222/dialhook.calls"},
    {"NatsWildcard", NATS("x/calls.*"), "1:42: notifications.a.url: " SUBJECT_RULE},
    {"NatsGap", NATS("x/calls..a"), "1:36: notifications.a.url: " SUBJECT_RULE},
    {"NatsSlash", NATS("x/calls/a"), "1:41: notifications.a.url: " SUBJECT_RULE},
    {"NatsNoHost", NATS("/a"),
     "1:34: notifications.a.url: a server of nats:// needs a host: a name of letters, digits, dashes and dots, or an "
     "address without a zone"},
    {"NatsNoSecondHost", NATS("x,/a"),
     "1:36: notifications.a.url: a server of nats:// needs a host: a name of letters, digits, dashes and dots, or an "
     "address without a zone"},
    {"NatsPort", NATS("x:65536/a"), "1:34: notifications.a.url: a server of nats:// has a port that is not 1 to 65535"},
    {"NatsServerTwice", NATS("x,X:4222/a"), "1:36: notifications.a.url: this server appears twice"},
    {"NatsUserWithoutPassword", NATS("hunter2:@x/a"),
     "1:34: notifications.a.url: the user info is USER:PASSWORD or a token; a part of it is empty"},
    {"NatsUserOfEachServer", NATS("u:hunter2@x,u:hunter2@y/a"),
     "1:34: notifications.a.url: the user info stands once, before the first server; an @ in it is written %40"},
    {"NatsBlank", NATS("x/a b"),
     "1:37: notifications.a.url: a URL has no white space or control characters; write it in one line"},
};
INSTANTIATE_TEST_SUITE_P(All, NotificationFaults, testing::ValuesIn(notification_faults), case_name);

TEST(NotificationLimits, AreNamed)
{
    std::string urls, servers;
    for (int number = 0; number < 17; ++number) {
        urls += "http://x" + std::to_string(number) + "/, ";
        servers += (servers.empty() ? "" : ",") + ("x" + std::to_string(number));
    }
    EXPECT_EQ(faults_of("notifications: {a: {url: [" + urls + "]}}"),
              "1:26: notifications.a.url: found more than 16 URLs; a notification of its own for some of them has "
              "queues of its own, too");
    EXPECT_EQ(faults_of("notifications: {a: {url: \"nats://" + servers + "/a\"}}"),
              "1:34: notifications.a.url: found more than 16 servers; a few of a cluster are enough, they name the "
              "others themselves");
    EXPECT_EQ(faults_of("notifications: {a: {url: nats://x/" + std::string(256, 'a') + "}}"),
              "1:35: notifications.a.url: the subject is longer than 255 bytes");
}

TEST(SpoolSettings, AreReadAndBounded)
{
    const auto spool = load_well("server: { spool: /tmp/a/../s.db, event_idle: 1h, spool_keep: 1s }").server.spool;
    EXPECT_EQ(spool.file, "/tmp/a/../s.db");
    EXPECT_EQ(spool.event_idle, 1h);
    EXPECT_EQ(spool.keep, 1s);
    EXPECT_EQ(load_well("webhooks: {}").server.spool, SpoolSettings());
    EXPECT_EQ(faults_of("server: { spool: s.db, event_idle: 0, spool_keep: 10ms }"),
              "1:18: server.spool: found \"s.db\", expected the absolute path of a file, such as "
              "/var/lib/dialhook/spool.db\n"
              "1:36: server.event_idle: found 0, expected a time from 1s to 24h\n"
              "1:51: server.spool_keep: found \"10ms\", expected a time from 1s to 24h");
}

/// Calls go on without a disk: a folder that is not there, or read-only at this start, must not keep the daemon down.
TEST(SpoolSettings, ADiskThatRefusesIsAWarning)
{
    EXPECT_EQ(warnings_of("server: { spool: /nonexistent/s.db }"),
              "1:18: warning: server.spool: there is no folder /nonexistent/; make it first; no event is stored until "
              "that is repaired");
    EXPECT_EQ(load_well("server: { spool: /nonexistent/s.db }").server.spool.file, "/nonexistent/s.db");
}

} // namespace
} // namespace dialhook::config::test
