#include "config/webhook_section.hpp"

#include "base/pace.hpp"
#include "base/text.hpp"
#include "config/fields_section.hpp"
#include "config/policy_keys.hpp"
#include "yaml/shown.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace dialhook::config {
namespace {

/// Returns the byte at which `{code}` stands in a template; `{{` is a brace.
std::size_t place_of_code(std::string_view text)
{
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text.substr(at, 2) == "{{")
            ++at;
        else if (text.substr(at).starts_with("{code}"))
            return at;
    }
    return 0;
}

constexpr std::string_view code_without_ivr = "{code} has no value, because this webhook asks the caller for none; "
                                              "remove it, or give the webhook an `ivr`";

void check_code(const Value& value, const UrlTemplate& url, const WebhookDraft& draft)
{
    const bool is_its_text = value.is_scalar(); // not where the key stands twice, and the second one is a mapping
    if (!url.uses(Variable::code) || draft.ivr != nullptr || !is_its_text)
        return;
    const auto text = value.text("");
    value.fault_in_text(place_of_code(text.value_or("")), code_without_ivr);
}

bool has_authorization(const Webhook& webhook)
{
    return webhook.headers != nullptr && std::ranges::any_of(*webhook.headers, [](const RequestHeader& header) {
               return text::equals_ignoring_case(header.name(), "Authorization");
           });
}

void check_url(const Value& webhook, const WebhookDraft& draft)
{
    const auto url = webhook.entry("url");
    if (!url) {
        webhook.fault_at_key("the key \"url\" is missing; it says where the request goes, such as "
                             "url: https://crm.example/route?did={did}");
        return;
    }
    if (draft.url.origin().host.empty())
        return; // what is wrong with it was said when it was read
    check_code(*url, draft.url, draft);
    if (!draft.url.authorization().empty() && has_authorization(draft))
        url->fault("the user info of this URL and `headers` both set Authorization; remove one of them (headers of "
                   "`defaults` end where the webhook has `headers` of its own)");
}

/// A fallback that only `defaults` have is checked where it is used: there the place of `url` must do.
void check_fallback(const Value& webhook, const WebhookDraft& draft)
{
    if (draft.own_policies.fallback_url == nullptr)
        return;
    const auto place = webhook.entry("fallback_url");
    if (!draft.own_policies.fallback_url->authorization().empty() && has_authorization(draft))
        (place ? *place : webhook)
            .fault("the user info of `fallback_url` and `headers` both set Authorization; remove one of them");
    if (place && place->is_scalar())
        check_code(*place, *draft.own_policies.fallback_url, draft);
    else if (draft.own_policies.fallback_url->uses(Variable::code) && draft.ivr == nullptr)
        webhook.fault_at_key("the `fallback_url` of `defaults` holds {code}, but this webhook has no `ivr`");
}

/// Adds a fault at the webhook's own key; where `defaults` have it, the webhook's name must do.
void fault_of_limit(const Value& webhook, std::string_view key, const std::string& why)
{
    const auto place = webhook.entry(key);
    (place ? *place : webhook).fault_at_key(why);
}

/// Each thread has its share of `max_connections`, and none can do without a connection.
void check_connections(const Value& webhook, const WebhookDraft& draft)
{
    const std::string most = std::to_string(draft.max_connections);
    if (draft.max_connections < draft.threads)
        fault_of_limit(webhook, "max_connections",
                       "max_connections is " + most + " and `server.threads` " + std::to_string(draft.threads) +
                           ", but each thread needs a connection; raise the one or lower the other");
    if (draft.prewarm > draft.max_connections)
        fault_of_limit(webhook, "prewarm",
                       "prewarm is " + std::to_string(draft.prewarm) + " and `max_connections` " + most +
                           ", but no more can be kept open than may be open; lower the one or raise the other");
}

/// Where `fields` of `defaults` are used, the webhook's name must do for their place.
void check_fields(const Value& webhook, const WebhookDraft& draft, bool is_get)
{
    const auto place = webhook.entry("fields");
    const bool is_own = place && !place->is_text("off");
    if (is_own && is_get)
        return place->fault_at_key("only a POST has a body; write `method: POST` beside `fields`, or remove them");
    if (draft.own_fields == nullptr || draft.method == WebhookMethod::get)
        return;
    if (draft.own_fields->uses(Variable::code) && draft.ivr == nullptr)
        (place ? *place : webhook).fault_at_key(code_without_ivr);
    if (draft.body != BodyFormat::form)
        return;
    const bool is_nested = std::ranges::any_of(
        draft.own_fields->members, [](const BodyField& field) { return field.kind != BodyField::Kind::text; });
    if (is_own)
        check_form_fields(*place);
    else if (is_nested)
        webhook.fault_at_key("the `fields` of `defaults` are nested, which a form cannot be; write `body: json`, or "
                             "`fields` of its own");
}

void check_headers(const Value& webhook, const WebhookDraft& draft)
{
    const bool use_code =
        draft.headers != nullptr && std::ranges::any_of(*draft.headers, [](const RequestHeader& header) {
            return header.value_template() != nullptr && header.value_template()->uses(Variable::code);
        });
    if (use_code && draft.ivr == nullptr)
        fault_of_limit(webhook, "headers", std::string(code_without_ivr));
}

/// Settings that belong together, once the webhook is read.
void finish(const Value& value, WebhookDraft& draft)
{
    check_url(value, draft);
    check_fallback(value, draft);
    check_headers(value, draft);
    check_policies(value, draft);
    check_connections(value, draft);
    if (draft.own_policies != Policies{})
        draft.policies = std::make_shared<const Policies>(draft.own_policies);
    const auto method = value.entry("method");
    const bool is_get = draft.method == WebhookMethod::get && (!method || method->is_text("GET"));
    if (const auto body = value.entry("body"); body && is_get)
        body->fault("only a POST has a body; write `method: POST` beside it, or remove it");
    check_fields(value, draft, is_get);
    if (draft.method == WebhookMethod::post) {
        draft.request = draft.body == BodyFormat::form ? RequestKind::post_form : RequestKind::post_json;
        draft.fields = draft.own_fields;
    }
    draft.connect_timeout = std::min(draft.connect_timeout, draft.timeout);
    if (draft.max_destinations > 1)
        draft.reply =
            std::make_shared<const ReplyOptions>(draft.reply_options().with_destinations(draft.max_destinations));
}

} // namespace

void read_webhooks(const Value& value, const WebhookDraft& defaults, std::vector<PlacedWebhook>& webhooks)
{
    webhooks.reserve(value.entries());
    value.each_entry([&](const Value& entry) {
        Pace::between_pieces();
        auto name = WebhookName::from(entry.name());
        if (!name)
            entry.fault_of_key("found " + in_quotes(entry.name()) +
                               " as the name of a webhook, expected 1 to 64 letters, digits, spaces, '-', '_' and '.'" +
                               entry.odd_character_in_key());
        auto draft = defaults;
        if (webhook_keys().read(entry, draft))
            finish(entry, draft);
        if (!name)
            return;
        draft.name = std::move(*name);
        webhooks.push_back(
            {std::make_shared<const Webhook>(static_cast<Webhook&&>(draft)), entry.file(), entry.key_mark()});
    });
}

} // namespace dialhook::config
