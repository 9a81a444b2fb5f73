#include "api/rpc/dry_run.hpp"

#include "api/rpc/answer.hpp"
#include "api/rpc/shown_exchange.hpp"
#include "flow/call_flow.hpp"

#include <nlohmann/json.hpp>

#include <utility>

namespace dialhook::rpc {
namespace {

using nlohmann::ordered_json;

RequestFault invalid(std::string message)
{
    return {RpcError::invalid_params, std::move(message)};
}

boost::system::result<Code, RequestFault> read_code(const ordered_json& params, const Webhook& webhook)
{
    const auto given = params.find("code");
    if (given == params.end() || given->is_null()) {
        if (webhook.ivr != nullptr)
            return invalid("this webhook asks the caller for a code; give one");
        return Code();
    }
    if (webhook.ivr == nullptr)
        return invalid("this webhook asks the caller for no code; leave it out");
    if (given->is_string())
        if (auto code = webhook.ivr->read_code(given->get_ref<const std::string&>()))
            return *std::move(code);
    return invalid("code must be text of digits, *, # and A to D, at most " + std::to_string(webhook.ivr->max_digits));
}

/// As a dialplan engine would be answered that asked for the webhook alone; what a web server echoes is masked.
ordered_json decision_of(const DryRun& dry_run, std::unique_ptr<dispatch::DispatchResult> dispatched,
                         const SecretMask& secrets)
{
    const auto flow =
        flow::CallFlow::answered(dry_run.snapshot, *dry_run.resolved, dry_run.call, true, std::move(dispatched));
    std::string answer;
    append_answer(answer, "0", flow);
    ordered_json decision = ordered_json::parse(answer).at("result");
    if (auto& name = decision["callername"]; name.is_string())
        name = secrets.masked(name.get<std::string>());
    for (auto& value : decision["variables"])
        value = secrets.masked(value.get<std::string>());
    return decision;
}

} // namespace

boost::system::result<DryRun, RequestFault> read_dry_run(const std::string& params,
                                                         std::shared_ptr<const dispatch::Snapshot> snapshot)
{
    Line line = read_line(R"({"jsonrpc":"2.0","id":0,"method":"call.route","params":)" + params + "}");
    if (line.fault)
        return *std::move(line.fault);
    auto& asks = line.requests.front().asks;
    if (auto* const fault = std::get_if<RequestFault>(&asks))
        return std::move(*fault);
    auto& route = std::get<RouteRequest>(asks);
    if (!route.webhook)
        return invalid("webhook must be the name of the one to try");
    const dispatch::ResolvedWebhook* const resolved = snapshot->find(*route.webhook);
    if (resolved == nullptr)
        return RequestFault{RpcError::unknown_webhook, "there is no webhook of this name"};
    auto code = read_code(ordered_json::parse(params), *resolved->webhook);
    if (!code)
        return std::move(code).error();
    keep_declared(route.call.vars, snapshot->configuration().vars);
    return DryRun{std::move(snapshot), resolved, std::move(route.call), *std::move(code)};
}

std::string dry_run_json(const DryRun& dry_run, std::unique_ptr<dispatch::DispatchResult> dispatched)
{
    const SecretMask secrets(*dry_run.resolved);
    ordered_json exchanges = ordered_json::array();
    for (std::size_t number = 0; number < dispatched->attempts.size(); ++number)
        for (const dispatch::ExchangeReport& exchange : dispatched->attempts[number].exchanges) {
            ordered_json shown =
                shown_exchange(exchange, secrets, dry_run.snapshot->configuration().server.numbers.plan.international,
                               dry_run.resolved->webhook->reply_options());
            shown["try"] = number + 1;
            exchanges.push_back(std::move(shown));
        }
    const ordered_json result{{"decision", decision_of(dry_run, std::move(dispatched), secrets)},
                              {"exchanges", std::move(exchanges)}};
    return result.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

} // namespace dialhook::rpc
