#include "base/lookalike.hpp"
#include "call/numbers.hpp"
#include "config/description.hpp"
#include "config/fields_section.hpp"
#include "config/headers.hpp"
#include "config/notification_section.hpp"
#include "config/number_key.hpp"
#include "config/signing_secrets.hpp"
#include "config/tls_section.hpp"
#include "config/urls.hpp"
#include "dialplan/number_plan.hpp"
#include "events/words.hpp"
#include "yaml/shown.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace dialhook::config {
namespace {

using events::EventFormat;
using Keys = KeyTable<NotificationDraft>;

constexpr std::uint16_t max_redirects = 20;
constexpr std::size_t max_urls = 16;
constexpr std::chrono::milliseconds min_expires = std::chrono::seconds(1);

constexpr const auto& kinds = events::kind_names;
constexpr Choices<EventFormat, 3> formats{{"voys-v2", "cloudevents", "fields"},
                                          {EventFormat::voys_v2, EventFormat::cloudevents, EventFormat::fields}};

void add_url(const Value& value, NotificationDraft& draft)
{
    auto url = read_notification_url(value);
    if (!url)
        return;
    const bool is_known = std::ranges::any_of(
        draft.urls, [&url](const events::NotificationUrl& known) { return shown(known) == shown(*url); });
    if (is_known)
        return value.fault("this URL appears twice; each gets every event once");
    draft.urls.push_back(*std::move(url));
}

void read_urls(const Value& value, NotificationDraft& draft)
{
    if (value.is_scalar() && !value.is_nothing())
        return add_url(value, draft);
    if (value.is_nothing() || value.is_empty_list())
        return value.fault("found no URL, expected at least one, such as https://crm.example/calls");
    value.each_item("a URL, or a list of them", [&](const Value& item) { add_url(item, draft); });
    if (draft.urls.size() > max_urls)
        value.fault("found more than 16 URLs; a notification of its own for some of them has queues of its own, too");
}

void read_events(const Value& value, NotificationDraft& draft)
{
    if (value.is_nothing() || value.is_empty_list())
        return value.fault("found no events, expected at least one; leave the key out for all of them");
    draft.events.reset();
    value.each_item("a list of events, such as [ringing, ended]", [&](const Value& item) {
        const auto chosen = item.choice(kinds);
        if (chosen && draft.events.test(*chosen))
            return item.fault("this event appears twice");
        if (chosen)
            draft.events.set(*chosen);
    });
}

/// Returns whether it has wildcards as patterns of `destinations` may have them. `*97` and `*21*101#` are numbers that
/// are dialled.
bool is_wider_pattern(std::string_view did)
{
    const std::string number = Numbers().key(did);
    const bool is_code = number.starts_with('*') || number.starts_with('#');
    return number.find('?') != std::string::npos || (!is_code && number.find('*') < number.size() - 1);
}

void read_did(const Value& item, NotificationDraft& draft)
{
    const auto text = item.text("the number that is called, or the start of such numbers and a *");
    if (!text)
        return;
    if (const auto fault = fault_of_number(*text); !fault.empty())
        return item.fault(std::string(fault) + item.odd_character());
    if (first_lookalike(*text))
        return item.fault("found " + in_quotes(*text) + " as a number, which no call would have" +
                          item.odd_character());
    if (is_wider_pattern(*text))
        return item.fault("a pattern is the start of numbers and a * at its end, such as \"+3150210*\"; `?`, and a * "
                          "elsewhere, stand for nothing here; write a shorter start, or each number");
    auto key = dialplan::NumberPlan::key_of(*text, draft.shared->numbers);
    if (key == "*")
        return item.fault("leave `dids` out for the calls of all numbers");
    if (std::ranges::find(draft.dids, key) != draft.dids.end())
        return item.fault("this number appears twice");
    draft.dids.push_back(std::move(key));
}

void read_dids(const Value& value, NotificationDraft& draft)
{
    if (value.is_nothing() || value.is_empty_list())
        return value.fault("found no numbers, expected at least one; leave the key out for the calls of all numbers");
    value.each_item("a list of numbers, such as [\"+31502102544\", \"+3150210*\"]",
                    [&](const Value& item) { read_did(item, draft); });
}

std::string events_schema()
{
    return R"({"type":"array","uniqueItems":true,"minItems":1,"items":)" + choice_schema(kinds) + "}";
}

std::string urls_schema()
{
    constexpr std::string_view url =
        R"({"type":"string","pattern":"^([Hh][Tt][Tt][Pp][Ss]?|[Nn][Aa][Tt][Ss])://[^ ]+$","patternErrorMessage":"expected a URL that starts with http://, https:// or nats:// and has no spaces in it"})";
    return R"({"anyOf":[)" + std::string(url) + R"(,{"type":"array","minItems":1,"maxItems":16,"items":)" +
           std::string(url) + "}]}";
}

std::string listed(std::span<const std::string_view> words)
{
    std::string text;
    for (const auto word : words)
        text.append(text.empty() ? "" : ", ").append(code(word));
    return text;
}

void add_whom(Keys& keys)
{
    keys.key({"url", "URL, or a list of them", "required", "http, https, nats",
              "Where events go; each URL gets every event, and none waits for another. "
              "`nats://HOST:4222/SUBJECT` is a subject of NATS JetStream.",
              urls_schema()},
             read_urls);
    keys.key({"description", "text", "empty", "", "Free text for lists and the status page."},
             [](const Value& value, NotificationDraft& draft) {
                 if (auto text = read_description(value))
                     draft.description = *std::move(text);
             });
    keys.key({"events", "list of events", "all", listed(kinds), "Which events are told.", events_schema()},
             read_events);
    keys.key({"dids", "list of patterns", "any", "as keys of `dialplans`",
              "Whose calls: numbers, and starts of numbers with a `*` at their end."},
             read_dids);
}

void add_what_is_sent(Keys& keys)
{
    keys.choice("format", &NotificationDraft::format, formats, "How the body of an event is written.");
    keys.key({"fields", "mapping of templates", "none", "with `format: fields`",
              "The members of the body, each a text with variables, also nested.", std::string(fields_schema())},
             [](const Value& value, NotificationDraft& draft) {
                 draft.fields =
                     std::make_shared<const BodyFields>(read_fields(value, draft.shared->vars, Vocabulary::event));
             });
    keys.key({"headers", "mapping", "none", "not Host, Content-Length, Transfer-Encoding, Connection",
              "Extra request headers; values may hold `${credential:NAME}` and `${file:/path}`, and no variables."},
             [](const Value& value, NotificationDraft& draft) {
                 draft.headers = draft.shared->share(read_fixed_headers(value, *draft.shared));
             });
    keys.key({"secret", "secret, or a list of them", "`off`", "`whsec_…`",
              "Signs each request as the Standard Webhooks specification says; may hold `${credential:NAME}` and "
              "`${file:/path}`."},
             [](const Value& value, NotificationDraft& draft) {
                 draft.secrets = read_signing_secrets(value, draft.shared->secrets());
             });
    keys.key({"tls", "mapping", "", "see `webhooks.NAME.tls`", "Certificates and the TLS version."},
             [](const Value& value, NotificationDraft& draft) { draft.tls = read_tls(value, *draft.shared); });
}

void add_limits(Keys& keys)
{
    using namespace std::chrono_literals;
    keys.time("expires", &NotificationDraft::expires, min_expires,
              "How long an event is tried; `ringing` at most a minute.");
    keys.time("timeout", &NotificationDraft::timeout, 1ms,
              "Whole budget of one attempt, from DNS to the answer's last byte, redirects included.");
    keys.time("connect_timeout", &NotificationDraft::connect_timeout, 1ms,
              "Budget of DNS, connect and TLS of one attempt, at most `timeout`.");
    keys.number<events::Notification, std::uint16_t>("redirects", &events::Notification::redirects, 0, max_redirects,
                                                     "How many redirects (301, 302, 303, 307, 308) are followed.");
}

} // namespace

NotificationDraft::NotificationDraft()
    : events::Notification{.name = *WebhookName::from("default"),
                           .description = {},
                           .urls = {},
                           .dids = {},
                           .fields = {},
                           .headers = {},
                           .secrets = {},
                           .tls = {}}
{
}

const KeyTable<NotificationDraft>& notification_keys()
{
    static const Keys keys = [] {
        Keys all;
        add_whom(all);
        add_what_is_sent(all);
        add_limits(all);
        return all;
    }();
    return keys;
}

} // namespace dialhook::config
