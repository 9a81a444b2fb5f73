#include "api/control/reports.hpp"

#include <nlohmann/json.hpp>

#include <variant>

namespace dialhook::control {
namespace {

using nlohmann::ordered_json;

/// A step as it is written in the configuration.
struct Written
{
    ordered_json operator()(const dialplan::NameFromWebhook&) const { return {{"callername", {{"from", "webhook"}}}}; }
    ordered_json operator()(const dialplan::NamePrefix& step) const
    {
        return {{"callername", {{"prefix", step.prefix}}}};
    }
    ordered_json operator()(const dialplan::NameReplacement& step) const
    {
        return {{"callername", {{"replace", step.name}}}};
    }
    ordered_json operator()(const dialplan::Dial& step) const { return {{"dial", step.destination}}; }
    ordered_json operator()(const dialplan::DialGroup& step) const
    {
        return {{"dial", with_ring({{"to", step.to}, {"strategy", to_string(step.strategy)}}, step.ring)}};
    }
    ordered_json operator()(const dialplan::DialVariable& step) const
    {
        return {{"dial", with_ring({{"destination", "variable"}}, step.ring)}};
    }
    ordered_json operator()(const dialplan::EngineStep& step) const { return ordered_json::parse(step.json); }

private:
    static ordered_json with_ring(ordered_json dial, std::optional<std::chrono::seconds> ring)
    {
        if (ring)
            dial["ring"] = std::to_string(ring->count()) + "s";
        return dial;
    }
};

ordered_json written(const dialplan::Steps& steps)
{
    ordered_json list = ordered_json::array();
    for (const dialplan::Step& step : steps)
        list.push_back(std::visit(Written(), step));
    return list;
}

ordered_json explained(const Ivr* ivr)
{
    if (ivr == nullptr)
        return nullptr;
    return {{"start_message", ivr->start_message},
            {"incorrect_message", ivr->incorrect_message},
            {"timeout_message", ivr->timeout_message},
            {"timeout_ms", ivr->timeout.count()},
            {"max_attempts", ivr->max_attempts},
            {"max_digits", ivr->max_digits},
            {"terminator", std::string(1, ivr->terminator)}};
}

ordered_json explained(const dialplan::WebhookStep& step, const Webhook& webhook)
{
    return {{"name", webhook.name.str()},
            {"method", webhook.request == RequestKind::get ? "GET" : "POST"},
            {"url", webhook.url.shown()},
            {"timeout_ms", webhook.timeout.count()},
            {"ivr", explained(webhook.ivr.get())},
            {"on_success", written(step.on_success)},
            {"on_failure", written(step.on_failure)}};
}

} // namespace

std::optional<std::string> plan_json(const dispatch::Snapshot& snapshot, const std::string& did)
{
    const dialplan::Dialplan* const plan = snapshot.configuration().dialplans.find(did);
    if (plan == nullptr)
        return std::nullopt;
    ordered_json webhook = nullptr;
    if (plan->webhook)
        webhook = explained(*plan->webhook, *snapshot.find(plan->webhook->webhook.str())->webhook);
    const ordered_json explanation{
        {"did", did}, {"dialplan", plan->key}, {"steps", written(plan->steps)}, {"webhook", std::move(webhook)}};
    return explanation.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

} // namespace dialhook::control
