#include "config/description.hpp"
#include "config/fields_section.hpp"
#include "config/headers.hpp"
#include "config/ivr_section.hpp"
#include "config/numbers_section.hpp"
#include "config/policy_keys.hpp"
#include "config/reply_section.hpp"
#include "config/tls_section.hpp"
#include "config/urls.hpp"
#include "config/webhook_section.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace dialhook::config {
namespace {

using Keys = KeyTable<WebhookDraft>;

constexpr std::uint16_t max_redirects = 20;
constexpr std::uint32_t max_connections_limit = 10'000;
constexpr std::uint32_t max_in_flight_limit = 1'000'000;

constexpr Choices<ForwardedNumber, 3> forwarded_numbers{
    {"caller", "called", "suppressed"},
    {ForwardedNumber::caller, ForwardedNumber::called, ForwardedNumber::suppressed}};
constexpr Choices<WebhookMethod, 2> methods{{"GET", "POST"}, {WebhookMethod::get, WebhookMethod::post}};
constexpr Choices<BodyFormat, 2> bodies{{"form", "json"}, {BodyFormat::form, BodyFormat::json}};

void read_url(const Value& value, WebhookDraft& draft)
{
    if (auto url = read_url_template(value, draft.shared->vars))
        draft.url = *std::move(url);
}

void read_destinations(const Value& value, WebhookDraft& draft)
{
    constexpr std::string_view list = "a list of patterns, such as [\"+31*\", \"1??\"], or the word any";
    constexpr std::string_view pattern =
        "a pattern of digits, *, # and ?, with an optional + at its start, or one that starts with sip:";
    if (value.is_scalar() && !value.is_nothing()) {
        if (value.text(list) == "any")
            draft.destinations = nullptr;
        else
            value.unexpected(list);
        return;
    }
    if (value.is_nothing() || value.is_empty_list())
        return value.fault(
            "found an empty list, expected at least one pattern; write `destinations: any` to allow every "
            "destination");
    DestinationPatterns patterns;
    value.each_item(list, [&](const Value& item) {
        const auto text = item.text(pattern);
        if (!text)
            return;
        if (auto read = DestinationPattern::from(*text, draft.shared->numbers))
            patterns.push_back(std::move(*read));
        else
            item.unexpected(pattern);
    });
    draft.destinations = draft.shared->share(std::move(patterns));
}

void read_own_fields(const Value& value, WebhookDraft& draft)
{
    draft.own_fields.reset();
    if (!value.is_text("off"))
        draft.own_fields = std::make_shared<const BodyFields>(read_fields(value, draft.shared->vars));
}

void add_url(Keys& keys)
{
    keys.key({"url", "URL template", "required", "http, https",
              "Where the request goes; `{did}`, `{callerid}`, `{callername}`, `{call_id}` and `{presentation}` stand "
              "for what "
              "the call has, `{code}` for what the caller entered, `{var.NAME}` for what the engine sent along."},
             read_url);
    keys.key(
        {"ivr", "mapping", "none", "see `webhooks.NAME.ivr`", "The caller enters a code before the webhook is asked."},
        [](const Value& value, WebhookDraft& draft) { draft.ivr = read_ivr(value); });
}

void add_what_is_sent(Keys& keys)
{
    keys.key({"description", "text", "empty", "", "Free text for lists and the status page."},
             [](const Value& value, WebhookDraft& draft) {
                 if (auto text = read_description(value))
                     draft.description = *std::move(text);
             });
    keys.choice("callerid", &WebhookDraft::callerid, forwarded_numbers, "Number that the recipient of the call sees.");
    keys.choice("method", &WebhookDraft::method, methods,
                "HTTP method of the request; `POST` also sends the call as a body.");
    keys.choice("body", &WebhookDraft::body, bodies, "How the body of a `POST` is written; with `GET` a fault.");
    keys.key({"fields", "mapping of templates", "`off`", "with `method: POST`",
              "The members of the body in place of the call's own, each a text with variables; with `body: json` also "
              "nested.",
              std::string(fields_schema())},
             read_own_fields);
    keys.key({"send", "word", "that of `server.numbers`", "`as_is`, `e164`, `digits`, `national`",
              "How the web server gets `did` and `callerid`, in templates without a form and in bodies.",
              choice_schema(number_forms.words)},
             [](const Value& value, WebhookDraft& draft) {
                 if (const auto chosen = value.choice(number_forms.words))
                     draft.send = number_forms.meanings[*chosen];
             });
    keys.key({"headers", "mapping", "none", "not Host, Content-Length, Transfer-Encoding, Connection",
              "Extra request headers; values may hold variables, `${credential:NAME}` and `${file:/path}`."},
             [](const Value& value, WebhookDraft& draft) {
                 draft.headers = draft.shared->share(read_headers(value, *draft.shared));
             });
    keys.key({"tls", "mapping", "", "see `webhooks.NAME.tls`", "Certificates and the TLS version."},
             [](const Value& value, WebhookDraft& draft) { draft.tls = read_tls(value, *draft.shared); });
}

void add_limits(Keys& keys)
{
    using namespace std::chrono_literals;
    keys.time("timeout", &WebhookDraft::timeout, 1ms,
              "Whole budget of a dispatch, from DNS to the reply's last byte, retries and redirects included.");
    keys.time("connect_timeout", &WebhookDraft::connect_timeout, 1ms,
              "Budget of DNS, connect and TLS of one attempt, at most `timeout`.");
    keys.number<Webhook, std::uint16_t>("redirects", &Webhook::redirects, 0, max_redirects,
                                        "How many redirects (301, 302, 303, 307, 308) are followed.");
    keys.number<Webhook, std::uint32_t>("max_in_flight", &Webhook::max_in_flight, 1, max_in_flight_limit,
                                        "Dispatches in flight; one more fails at once with reason `overload`.");
    keys.number<Webhook, std::uint32_t>(
        "max_connections", &Webhook::max_connections, 1, max_connections_limit,
        "Connections of this webhook to one origin; calls beyond wait in turn, inside `timeout`.");
    keys.number<Webhook, std::uint32_t>("prewarm", &Webhook::prewarm, 0, max_connections_limit,
                                        "How many of them to `url` are kept open, with or without calls.");
    keys.key(
        {"destinations", "list of patterns", "`any`", "",
         "What a reply's `destination` must match: `*` is any digits, `?` one; SIP URIs only by a pattern that starts "
         "with `sip:`."},
        read_destinations);
}

} // namespace

WebhookDraft::WebhookDraft()
    : Webhook{.name = *WebhookName::from("default"),
              .url = {},
              .description = {},
              .headers = {},
              .tls = {},
              .destinations = {}}
{
}

const KeyTable<WebhookDraft>& webhook_keys()
{
    static const Keys keys = [] {
        Keys all;
        add_url(all);
        add_what_is_sent(all);
        add_limits(all);
        add_policies(all);
        add_reply(all);
        return all;
    }();
    return keys;
}

const KeyTable<WebhookDraft>& default_keys()
{
    static const Keys keys = [] {
        Keys all;
        add_what_is_sent(all);
        add_limits(all);
        add_policies(all);
        add_reply(all);
        return all;
    }();
    return keys;
}

} // namespace dialhook::config
