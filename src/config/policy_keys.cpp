#include "config/policy_keys.hpp"

#include "base/text.hpp"
#include "config/signing_secrets.hpp"
#include "config/urls.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace dialhook::config {
namespace {

using namespace std::chrono_literals;

constexpr std::uint16_t max_retries = 10;

using Read = KeyTable<WebhookDraft>::Read;

/// Reads with the reader that `Target` has for a member, into the draft's policies.
Read time_into(std::chrono::milliseconds Policies::*member)
{
    return [member](const Value& value, WebhookDraft& draft) {
        if (value.is_text("off"))
            draft.own_policies.*member = 0ms;
        else if (const auto time = value.time(1ms, max_time))
            draft.own_policies.*member = *time;
    };
}

void read_retries(const Value& value, WebhookDraft& draft)
{
    if (const auto number = value.whole_number(0, max_retries))
        draft.own_policies.retries = static_cast<std::uint16_t>(*number);
}

void read_fallback(const Value& value, WebhookDraft& draft)
{
    draft.own_policies.fallback_url.reset();
    if (value.is_text("off"))
        return;
    if (auto url = read_url_template(value, draft.shared->vars))
        draft.own_policies.fallback_url = std::make_shared<const UrlTemplate>(*std::move(url));
}

void read_breaker(const Value& value, WebhookDraft& draft)
{
    draft.own_policies.circuit_breaker.reset();
    if (value.is_text("off"))
        return;
    BreakerOptions options;
    if (breaker_keys().read(value, options))
        draft.own_policies.circuit_breaker = options;
}

void read_wait(const Value& value, WebhookDraft& draft)
{
    if (const auto wait = value.boolean())
        draft.own_policies.wait = *wait;
}

/// Points at the key that the webhook has itself; one of `defaults` is reported at the webhook's name.
void refuse_beside(const Value& webhook, std::string_view key, std::string_view why)
{
    const auto place = webhook.entry(key);
    (place ? *place : webhook).fault_at_key(why);
}

/// What the signature sets itself cannot be set by hand too.
void check_signed_headers(const Value& webhook, const WebhookDraft& draft)
{
    if (draft.own_policies.secrets.empty() || draft.headers == nullptr)
        return;
    for (const RequestHeader& header : *draft.headers)
        for (const char* name : {"webhook-id", "webhook-timestamp", "webhook-signature"})
            if (text::equals_ignoring_case(header.name(), name))
                refuse_beside(webhook, webhook.entry("headers") ? "headers" : "secret",
                              "with a `secret` the daemon sets the header " + std::string(name) +
                                  " itself; remove it from `headers`");
}

} // namespace

void add_policies(KeyTable<WebhookDraft>& keys)
{
    keys.key({"retries", "number", "`0`", "0 to 10",
              "Further attempts after a refused or broken connection, a DNS time-out, or 502, 503 and 504; always "
              "inside `timeout`.",
              number_schema(0, max_retries)},
             read_retries);
    keys.key({"fallback_url", "URL template", "`off`", "http, https",
              "Asked when `url` fails, in the rest of `timeout`; `url` then has at most half of it."},
             read_fallback);
    keys.key({"secret", "secret, or a list of them", "`off`", "`whsec_…`",
              "Signs each request as the Standard Webhooks specification says; may hold `${credential:NAME}` and "
              "`${file:/path}`."},
             [](const Value& value, WebhookDraft& draft) {
                 draft.own_policies.secrets = read_signing_secrets(value, draft.shared->secrets());
             });
    keys.key({"circuit_breaker", "mapping", "`off`", "see `webhooks.NAME.circuit_breaker`",
              "Fails at once after failures in a row, so that no caller waits for a dead web server."},
             read_breaker);
    keys.key(
        {"cache", "time", "`off`", "1ms to 24h",
         "How long an ACK reply is kept for the same request; identical dispatches at one moment share one request.",
         time_schema(1ms)},
        time_into(&Policies::cache));
    keys.key({"stale_if_error", "time", "`off`", "1ms to 24h",
              "How old the last ACK reply to the same request may be to answer after a failure.", time_schema(1ms)},
             time_into(&Policies::stale_if_error));
    keys.key({"wait", "boolean", "`true`", "`true`, `false`",
              "`false` is for analytics: the call goes on at once, and the request waits in the spool, for an hour at "
              "most."},
             read_wait);
}

const KeyTable<BreakerOptions>& breaker_keys()
{
    static const auto keys = [] {
        KeyTable<BreakerOptions> all;
        all.number<BreakerOptions, std::uint32_t>("failures", &BreakerOptions::failures, 1, 1'000'000,
                                                  "HTTP failures in a row that open it.");
        all.time("open_for", &BreakerOptions::open_for, 1ms, "How long it stays open before one dispatch tries.");
        return all;
    }();
    return keys;
}

void check_policies(const Value& webhook, const WebhookDraft& draft)
{
    check_signed_headers(webhook, draft);
    const bool caches = draft.own_policies.cache != 0ms;
    if (draft.ivr != nullptr && caches)
        refuse_beside(
            webhook, webhook.entry("cache") ? "cache" : "ivr",
            "a webhook with an `ivr` has no `cache`, since a code is never kept; remove one of them, or write "
            "`cache: off` here if `defaults` has one");
    if (draft.own_policies.wait)
        return;
    if (draft.ivr != nullptr)
        refuse_beside(webhook, "wait", "with `wait: false` no reply is waited for, so the webhook can have no `ivr`");
    if (caches)
        refuse_beside(webhook, "wait", "with `wait: false` no reply is waited for, so the webhook can have no `cache`");
}

} // namespace dialhook::config
