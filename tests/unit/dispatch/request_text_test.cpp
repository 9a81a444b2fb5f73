#include "dispatch/request_text.hpp"
#include "version.hpp"

#include <gtest/gtest.h>

#include <string>

namespace dialhook::dispatch {
namespace {

Webhook webhook(std::string_view url, RequestKind kind,
                const std::vector<std::pair<std::string, std::string>>& headers = {})
{
    Webhook webhook{.name = *WebhookName::from("crm"),
                    .url = *UrlTemplate::parse(url),
                    .description = {},
                    .headers = {},
                    .tls = {},
                    .destinations = {}};
    webhook.request = kind;
    std::vector<RequestHeader> checked;
    for (const auto& [name, value] : headers)
        checked.push_back(*RequestHeader::from(name, value));
    if (!checked.empty())
        webhook.headers = std::make_shared<const std::vector<RequestHeader>>(std::move(checked));
    return webhook;
}

Call call()
{
    return {.did = *Did::from("+31502102544"),
            .callerid = *CallText::from("+31612345678"),
            .callername = *CallerName::from("Jan & \"M\xC3\xBCller\""),
            .call_id = *CallText::from("1-2@pbx")};
}

Call withheld_call()
{
    return {.did = *Did::from("101"),
            .callerid = {},
            .callername = {},
            .call_id = {},
            .presentation = Presentation::prohibited};
}

std::string request_of(const Webhook& webhook, const Call& call, std::string_view headers, Content content)
{
    std::string text;
    append_method(text, content);
    webhook.url.expand(values_of(webhook, {call}), text);
    append_rest(text, headers, content, webhook, {call});
    return text;
}

std::string headers_of(const Webhook& webhook)
{
    return own_headers(webhook.headers.get(), webhook.url, {});
}

/// The request to the webhook's own origin.
std::string own_request(const Webhook& webhook, const Call& call)
{
    return request_of(webhook, call, own_headers(webhook.headers.get(), webhook.url, {}), content_of(webhook.request));
}

const std::string agent = "User-Agent: " + std::string(user_agent) + "\r\n";

TEST(RequestText, Get)
{
    EXPECT_EQ(
        own_request(webhook("http://crm.lan/in?did={did}&from={callerid}&n={callername}&i={call_id}", RequestKind::get),
                    call()),
        "GET /in?did=%2B31502102544&from=%2B31612345678&n=Jan%20%26%20%22M%C3%BCller%22&i=1-2%40pbx HTTP/1.1\r\n"
        "Host: crm.lan\r\n" +
            agent +
            "Accept: */*\r\nAccept-Encoding: identity\r\n"
            "\r\n");
    EXPECT_EQ(own_request(webhook("http://crm.lan", RequestKind::get), withheld_call()),
              "GET / HTTP/1.1\r\nHost: crm.lan\r\n" + agent + "Accept: */*\r\nAccept-Encoding: identity\r\n\r\n");
}

std::string head_and_body(std::string_view type, std::string_view body)
{
    return "POST /in HTTP/1.1\r\nHost: crm.lan\r\n" + agent +
           "Accept: */*\r\nAccept-Encoding: identity\r\nContent-Type: " + std::string(type) +
           "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

TEST(RequestText, PostForm)
{
    EXPECT_EQ(own_request(webhook("http://crm.lan/in", RequestKind::post_form), call()),
              head_and_body("application/x-www-form-urlencoded",
                            "did=%2B31502102544&callerid=%2B31612345678&callername=Jan%20%26%20%22M%C3%BCller%22"
                            "&call_id=1-2%40pbx&presentation=allowed"));
}

TEST(RequestText, PostJson)
{
    EXPECT_EQ(own_request(webhook("http://crm.lan/in", RequestKind::post_json), call()),
              head_and_body("application/json",
                            R"({"did":"+31502102544","callerid":"+31612345678","callername":"Jan & \"Müller\"",)"
                            R"("call_id":"1-2@pbx","presentation":"allowed"})"));
}

TEST(RequestText, PostOfAWithheldCall)
{
    EXPECT_EQ(own_request(webhook("http://crm.lan/in", RequestKind::post_form), withheld_call()),
              "POST /in HTTP/1.1\r\n"
              "Host: crm.lan\r\n" +
                  agent +
                  "Accept: */*\r\nAccept-Encoding: identity\r\n"
                  "Content-Type: application/x-www-form-urlencoded\r\n"
                  "Content-Length: 31\r\n"
                  "\r\n"
                  "did=101&presentation=prohibited");
    EXPECT_EQ(own_request(webhook("http://crm.lan/in", RequestKind::post_json), withheld_call()),
              "POST /in HTTP/1.1\r\n"
              "Host: crm.lan\r\n" +
                  agent +
                  "Accept: */*\r\nAccept-Encoding: identity\r\n"
                  "Content-Type: application/json\r\n"
                  "Content-Length: 41\r\n"
                  "\r\n"
                  R"({"did":"101","presentation":"prohibited"})");
}

TEST(RequestText, HostNamesThePortUnlessItIsTheUsualOne)
{
    const std::pair<std::string_view, std::string_view> cases[] = {
        {"http://CRM.lan/", "crm.lan"},
        {"http://crm.lan:80/", "crm.lan"},
        {"http://crm.lan:443/", "crm.lan:443"},
        {"http://crm.lan:8080/", "crm.lan:8080"},
        {"https://crm.lan/", "crm.lan"},
        {"https://crm.lan:443/", "crm.lan"},
        {"https://crm.lan:80/", "crm.lan:80"},
        {"http://10.0.0.1:81/", "10.0.0.1:81"},
        {"http://[2001:DB8::1]/", "[2001:db8::1]"},
        {"https://[2001:db8::1]:8443/", "[2001:db8::1]:8443"},
    };
    for (const auto& [url, host] : cases)
        EXPECT_EQ(headers_of(webhook(url, RequestKind::get)),
                  "Host: " + std::string(host) + "\r\n" + agent + "Accept: */*\r\nAccept-Encoding: identity\r\n");
}

TEST(RequestText, CredentialsInTheUrlAreSentAsBasic)
{
    EXPECT_EQ(headers_of(webhook("http://Aladdin:open%20sesame@crm.lan/", RequestKind::get)),
              "Host: crm.lan\r\n" + agent +
                  "Accept: */*\r\nAccept-Encoding: identity\r\nAuthorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n");
}

TEST(RequestText, ConfiguredHeadersComeInTheirOrder)
{
    EXPECT_EQ(headers_of(webhook("http://crm.lan/", RequestKind::get,
                                 {{"X-Api-Key", "abc"}, {"X-B", ""}, {"x-api-key", "d"}})),
              "Host: crm.lan\r\n" + agent +
                  "Accept: */*\r\nAccept-Encoding: identity\r\nX-Api-Key: abc\r\nX-B: \r\nx-api-key: d\r\n");
}

TEST(RequestText, ConfiguredHeadersReplaceOurs)
{
    EXPECT_EQ(headers_of(webhook("http://user:pass@crm.lan/", RequestKind::get,
                                 {{"user-agent", "pbx"},
                                  {"ACCEPT", "text/plain"},
                                  {"accept-Encoding", "gzip"},
                                  {"authorization", "Bearer t"}})),
              "Host: crm.lan\r\nuser-agent: pbx\r\nACCEPT: text/plain\r\naccept-Encoding: gzip\r\nauthorization: "
              "Bearer t\r\n");

    const Webhook typed =
        webhook("http://crm.lan/in", RequestKind::post_json, {{"content-type", "application/vnd.crm+json"}});
    EXPECT_EQ(own_request(typed, withheld_call()), "POST /in HTTP/1.1\r\nHost: crm.lan\r\n" + agent +
                                                       "Accept: */*\r\nAccept-Encoding: identity\r\ncontent-type: "
                                                       "application/vnd.crm+json\r\nContent-Length: 41\r\n\r\n"
                                                       R"({"did":"101","presentation":"prohibited"})");
    // Only a whole name counts.
    const Webhook similar =
        webhook("http://crm.lan/in", RequestKind::post_json, {{"X-Content-Type", "a"}, {"Content-Type-X", "b"}});
    EXPECT_EQ(own_request(similar, withheld_call()), "POST /in HTTP/1.1\r\nHost: crm.lan\r\n" + agent +
                                                         "Accept: */*\r\nAccept-Encoding: identity\r\nX-Content-Type: "
                                                         "a\r\nContent-Type-X: b\r\nContent-Type: application/json\r\n"
                                                         "Content-Length: 41\r\n\r\n"
                                                         R"({"did":"101","presentation":"prohibited"})");
}

TEST(RequestText, ForeignOriginsLearnNothing)
{
    EXPECT_EQ(foreign_headers({true, "other.lan", 8443}, {}),
              "Host: other.lan:8443\r\n" + agent + "Accept: */*\r\nAccept-Encoding: identity\r\n");
    EXPECT_EQ(foreign_headers({false, "2001:db8::1", 80}, {}),
              "Host: [2001:db8::1]\r\n" + agent + "Accept: */*\r\nAccept-Encoding: identity\r\n");

    const Webhook secret =
        webhook("http://user:pass@crm.lan/in?did={did}", RequestKind::post_json, {{"X-Api-Key", "abc"}});
    const std::string foreign = foreign_headers({false, "other.lan", 80}, {});
    const std::string target = "/in?did=%2B31502102544";
    EXPECT_EQ(request_of(secret, call(), foreign, Content::post_body_less),
              "POST " + target + " HTTP/1.1\r\nHost: other.lan\r\n" + agent +
                  "Accept: */*\r\nAccept-Encoding: identity\r\nContent-Length: 0\r\n\r\n");
    EXPECT_EQ(request_of(secret, call(), foreign, Content::get),
              "GET " + target + " HTTP/1.1\r\nHost: other.lan\r\n" + agent +
                  "Accept: */*\r\nAccept-Encoding: identity\r\n\r\n");
}

TEST(RequestText, ValuesAreThoseOfTheCall)
{
    const Call jan = call();
    const Webhook crm = webhook("http://crm.lan/", RequestKind::get);
    const VariableValues values = values_of(crm, {jan});
    EXPECT_EQ(values[Variable::did], "+31502102544");
    EXPECT_EQ(values[Variable::callerid], "+31612345678");
    EXPECT_EQ(values[Variable::callername], "Jan & \"M\xC3\xBCller\"");
    EXPECT_EQ(values[Variable::call_id], "1-2@pbx");
    EXPECT_EQ(values[Variable::code], "");
    // The webhook belongs to the PBX's owner: a withheld number is sent, if the PBX has one.
    Call withheld = call();
    withheld.presentation = Presentation::prohibited;
    EXPECT_EQ(values_of(crm, {withheld})[Variable::callerid], "+31612345678");
}

/// Callers choose names and numbers: none of them adds a header, a parameter or a JSON member.
TEST(RequestText, NoCallInjectsAnything)
{
    Call hostile = call();
    hostile.did = *Did::from("1\r\nX-Evil: 1\r\n\r\n&presentation=prohibited#?/../");
    hostile.callername = *CallerName::from("\",\"did\":\"2\\");
    const std::string get = own_request(webhook("http://crm.lan/{did}", RequestKind::get), hostile);
    EXPECT_EQ(get.substr(0, get.find("\r\n")),
              "GET /1%0D%0AX-Evil%3A%201%0D%0A%0D%0A%26presentation%3Dprohibited%23%3F%2F..%2F HTTP/1.1");
    const std::string form = own_request(webhook("http://crm.lan/", RequestKind::post_form), hostile);
    EXPECT_EQ(form.substr(form.find("\r\n\r\n") + 4),
              "did=1%0D%0AX-Evil%3A%201%0D%0A%0D%0A%26presentation%3Dprohibited%23%3F%2F..%2F&callerid=%2B31612345678"
              "&callername=%22%2C%22did%22%3A%222%5C&call_id=1-2%40pbx&presentation=allowed");
    const std::string json = own_request(webhook("http://crm.lan/", RequestKind::post_json), hostile);
    EXPECT_EQ(json.substr(json.find("\r\n\r\n") + 4),
              R"({"did":"1\r\nX-Evil: 1\r\n\r\n&presentation=prohibited#?/../","callerid":"+31612345678",)"
              R"("callername":"\",\"did\":\"2\\","call_id":"1-2@pbx","presentation":"allowed"})");
}

const std::vector<std::string> declared{"tenant", "verstat"};

ValueTemplate text_of(std::string_view text)
{
    return *ValueTemplate::parse(text, declared);
}

Call call_with_vars()
{
    Call jan = call();
    jan.vars = {{"tenant", "acme"}, {"verstat", "A\r\n\"&="}};
    return jan;
}

TEST(RequestText, SendsNumbersInTheFormOfTheWebhook)
{
    const Numbers numbers{"31", "0", "00"};
    const Call jan = call();
    const Dispatch dispatch{.call = jan, .numbers = &numbers};
    const auto request = [&](RequestKind kind, NumberForm send) {
        Webhook crm = webhook("http://crm.lan/{did}?from={callerid}&e164={callerid:e164}&as_is={callerid:as_is}", kind);
        crm.send = send;
        std::string text;
        crm.url.expand(values_of(crm, dispatch), text);
        append_rest(text, "", content_of(kind), crm, dispatch);
        return text;
    };
    EXPECT_TRUE(request(RequestKind::get, NumberForm::national)
                    .starts_with("/0502102544?from=0612345678&e164=%2B31612345678&as_is=%2B31612345678 "));
    EXPECT_TRUE(request(RequestKind::get, NumberForm::digits).starts_with("/31502102544?from=31612345678&"));
    EXPECT_NE(request(RequestKind::post_form, NumberForm::digits).find("\r\n\r\ndid=31502102544&callerid=31612345678&"),
              std::string::npos);
    EXPECT_NE(
        request(RequestKind::post_json, NumberForm::national).find(R"({"did":"0502102544","callerid":"0612345678",)"),
        std::string::npos);
}

TEST(RequestText, SendsFieldsInPlaceOfTheCall)
{
    Webhook crm = webhook("http://crm.lan/", RequestKind::post_form);
    crm.fields =
        std::make_shared<const BodyFields>(BodyFields{{{.name = "From", .text = text_of("{callerid}")},
                                                       {.name = "Caller&Name", .text = text_of("{callername}")},
                                                       {.name = "Code", .text = text_of("{code}")},
                                                       {.name = "Kind", .text = text_of("call {{1}} & co")},
                                                       {.name = "Verstat", .text = text_of("{var.verstat}")},
                                                       {.name = "Empty", .text = text_of("")}}});
    const auto body = [](const std::string& request) { return request.substr(request.find("\r\n\r\n") + 4); };
    EXPECT_EQ(body(own_request(crm, call_with_vars())),
              "From=%2B31612345678&Caller%26Name=Jan%20%26%20%22M%C3%BCller%22&Kind=call%20%7B1%7D%20%26%20co"
              "&Verstat=A%0D%0A%22%26%3D&Empty=");
    EXPECT_EQ(body(own_request(crm, withheld_call())), "Kind=call%20%7B1%7D%20%26%20co&Empty=");

    crm.request = RequestKind::post_json;
    crm.fields = std::make_shared<const BodyFields>(BodyFields{
        {{.name = "call",
          .kind = BodyField::Kind::object,
          .members = {{.name = "from", .text = text_of("{callerid}")}, {.name = "code", .text = text_of("{code}")}}},
         {.name = "tags",
          .kind = BodyField::Kind::list,
          .members = {{.name = "", .text = text_of("{var.tenant}")},
                      {.name = "", .text = text_of("{code}")},
                      {.name = "", .text = text_of("{did:digits}")}}},
         {.name = "v\"", .text = text_of("<{var.verstat}>")}}});
    EXPECT_EQ(body(own_request(crm, call_with_vars())),
              R"({"call":{"from":"+31612345678"},"tags":["acme","31502102544"],"v\"":"<A\r\n\"&=>"})");
    EXPECT_EQ(body(own_request(crm, withheld_call())), R"({"tags":["101"],"v\"":"<>"})")
        << "an object of which nothing remains is left out";
}

TEST(RequestText, HeadersHoldVariables)
{
    Webhook crm = webhook("http://crm.lan/", RequestKind::get);
    crm.headers = std::make_shared<const std::vector<RequestHeader>>(
        std::vector{*RequestHeader::from("X-Tenant", text_of("<{var.tenant}>")),
                    *RequestHeader::from("X-Name", text_of("{callername} {var.verstat}")),
                    *RequestHeader::from("X-Same", text_of("always"))});
    const Call jan = call_with_vars();
    const Dispatch dispatch{.call = jan};
    std::string lines;
    append_header_templates(lines, crm, dispatch);
    EXPECT_EQ(lines, "X-Tenant: <acme>\r\nX-Name: Jan & \"M%C3%BCller\" A%0D%0A\"&=\r\n");
    EXPECT_NE(headers_of(crm).find("X-Same: always\r\n"), std::string::npos);
    EXPECT_EQ(headers_of(crm).find("X-Name"), std::string::npos);
}

TEST(RequestText, VarsAndHeadersAreInTheKeyOfTheCache)
{
    const auto key = [](const Webhook& webhook, const Call& call) { return request_key(webhook, {.call = call}); };
    Webhook crm = webhook("http://crm.lan/", RequestKind::get);
    Call acme = call();
    acme.vars = {{"tenant", "acme"}};
    Call other = call();
    other.vars = {{"tenant", "other"}};
    EXPECT_NE(key(crm, acme), key(crm, other));
    EXPECT_NE(key(crm, acme), key(crm, call()));
    crm.headers = std::make_shared<const std::vector<RequestHeader>>(
        std::vector{*RequestHeader::from("X-From", text_of("{callerid}"))});
    EXPECT_NE(key(crm, call()), key(crm, withheld_call()));
}

TEST(RequestText, CarriesTheCodeThatTheCallerEntered)
{
    const Call jan = withheld_call();
    const auto request = [&jan](const Webhook& webhook, const char* code) {
        const Dispatch dispatch{.call = jan, .code = code};
        std::string text;
        append_method(text, content_of(webhook.request));
        webhook.url.expand(values_of(webhook, dispatch), text);
        append_rest(text, "", content_of(webhook.request), webhook, dispatch);
        return text;
    };
    EXPECT_EQ(request(webhook("http://crm.lan/{did}?code={code}", RequestKind::get), "12*#A"),
              "GET /101?code=12%2A%23A HTTP/1.1\r\n\r\n");
    EXPECT_TRUE(request(webhook("http://crm.lan/", RequestKind::post_form), "12#")
                    .ends_with("\r\n\r\ndid=101&presentation=prohibited&code=12%23"));
    EXPECT_TRUE(request(webhook("http://crm.lan/", RequestKind::post_json), "12#")
                    .ends_with(R"({"did":"101","presentation":"prohibited","code":"12#"})"));
    EXPECT_TRUE(request(webhook("http://crm.lan/", RequestKind::post_json), "")
                    .ends_with(R"({"did":"101","presentation":"prohibited"})"))
        << "without an IVR there is none";
}

} // namespace
} // namespace dialhook::dispatch
