#include "fuzz/decision_property.hpp"

#include "api/rpc/answer.hpp"
#include "base/text.hpp"
#include "dispatch/decide.hpp"
#include "fuzz/require.hpp"

#include <nlohmann/json.hpp>

#include <memory>
#include <string>
#include <utility>

namespace dialhook::fuzz {
namespace {

const Webhook& some_webhook()
{
    static const Webhook webhook{.name = *WebhookName::from("crm"),
                                 .url = *UrlTemplate::parse("http://crm.lan/"),
                                 .description = {},
                                 .headers = {},
                                 .tls = {},
                                 .destinations = {}};
    return webhook;
}

void require_clean(std::string_view text, std::string_view what)
{
    require(text::is_utf8(text), what);
    require(!text::has_controls(text), what);
}

void require_clean_strings(const nlohmann::json& value)
{
    if (value.is_string())
        require_clean(value.get_ref<const std::string&>(), "an answer holds no control character");
    else if (value.is_structured())
        for (const auto& item : value)
            require_clean_strings(item);
}

flow::CallFlow concluded(const Decision& decision, const dispatch::ResolvedWebhook& resolved)
{
    auto result = std::make_unique<dispatch::DispatchResult>(decision);
    result->attempts.push_back({decision.source, decision.reason(), decision.http_status, decision.detail, 0, {}, {}});
    return flow::CallFlow::answered({}, resolved, some_call(), true, std::move(result));
}

} // namespace

const Call& some_call()
{
    static const Call call{.did = *Did::from("+31502102544"),
                           .callerid = *CallText::from("+31612345678"),
                           .callername = *CallerName::from("Jan"),
                           .call_id = {}};
    return call;
}

void require_sound_outcome(const net::Response& response, const ReplyOptions& options)
{
    Webhook webhook = some_webhook();
    webhook.reply = std::make_shared<const ReplyOptions>(options);
    require_sound_decision(dispatch::decide(response, webhook, {.call = some_call()}).decision);
    require_sound_decision(
        dispatch::decide(response, webhook, {.call = some_call(), .needs_destination = true}).decision);
}

void require_sound_outcome(const net::Failure& failure)
{
    require_sound_decision(dispatch::decide(failure, net::CancelReason::deadline).decision);
}

void require_sound_decision(const Decision& decision)
{
    require((decision.branch() == Branch::success) == !decision.reason(), "a failure has a reason, a success has none");
    require_clean(decision.callername, "a callername holds no control character");
    require_clean(decision.detail, "a detail holds no control character");
    for (const auto& [name, value] : decision.variables) {
        require_clean(name, "the name of a variable holds no control character");
        require_clean(value, "a variable holds no control character");
    }
    if (decision.destination)
        require(*Destination::from(decision.destination->str()) == *decision.destination,
                "a destination can be dialled");
    require(!decision.ringing || (decision.destination && !decision.ringing->destinations.empty() &&
                                  decision.ringing->destinations.front() == *decision.destination),
            "the first of several destinations is the destination");

    dispatch::ResolvedWebhook resolved{};
    resolved.webhook = &some_webhook();
    std::string answer;
    rpc::append_answer(answer, "7", concluded(decision, resolved));
    require(answer.find('\n') == std::string::npos, "an answer is one line");
    const auto json = nlohmann::json::parse(answer, nullptr, false);
    require(!json.is_discarded(), "an answer is JSON");
    require_clean_strings(json);
}

} // namespace dialhook::fuzz
