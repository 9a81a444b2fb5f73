#include "decisions/sink.hpp"

#include "dispatch/hint.hpp"

#include <string>

namespace dialhook::dispatch {
namespace {

void count(WebhookState& state, ThreadShare share, const DispatchResult& result)
{
    WebhookThreadMetrics& metrics = state.metrics.of(share);
    if (result.decision.reason())
        state.last_failure.take(result.decision, state.metrics);
    metrics.count(result.decision);
    if (result.elapsed.count() != 0) // no web server was asked for a caller who never entered a code
        metrics.seconds.observe(result.elapsed);
}

std::string suggestion_for(const Refused& refused, const std::string& nearest)
{
    if (nearest.empty())
        return {};
    if (refused.named == Refused::Named::did)
        return "; the nearest is \"" + nearest + '"';
    return "; did you mean \"" + nearest + "\"?";
}

bool is_wanted(config::LogDecisions wanted, Branch branch)
{
    return wanted == config::LogDecisions::all ||
           (wanted == config::LogDecisions::failures && branch == Branch::failure);
}

/// Warns of a webhook whose web server could not be asked, whatever `decisions` says: each reason in full once, then
/// summed up.
void warn_of_webhook(log::Log& log, std::string_view webhook, const Decision& decision)
{
    const std::string_view reason = to_string(*decision.reason());
    const std::string_view hint = hint_for(*decision.reason());
    if (hint.empty())
        return;
    std::string kind(webhook);
    kind.append(1, ' ').append(reason);
    log.write_summed(log::Level::warning, "a webhook fails", kind,
                     {{"webhook", webhook}, {"reason", reason}, {"detail", decision.detail}, {"hint", hint}});
}

} // namespace

void DecisionSink::take(const Snapshot& snapshot, const ResolvedWebhook* resolved, const RoutedCall& routed)
{
    if (routed.result == nullptr) {
        metrics_.without_webhook.add();
    } else {
        metrics_.count(routed.result->decision);
        if (resolved->webhook->is_waited_for()) // else its outcome is not known yet
            count(*resolved->state, metrics_.share, *routed.result);
    }
    record(snapshot.configuration().server, routed);
}

void DecisionSink::record(const config::ServerSettings& settings, const RoutedCall& routed)
{
    const auto reason = routed.result == nullptr ? std::nullopt : routed.result->decision.reason();
    const log::Level level = level_of(reason);
    if (level == log::Level::warning)
        warn_of_webhook(log_, routed.webhook, routed.result->decision);
    const bool is_logged =
        is_wanted(settings.log.decisions, reason ? Branch::failure : Branch::success) && log_.wants(level);

    DecisionRecord record(routed, is_logged, settings.redact);
    const bool fills = ring_.add(record);
    if (is_logged)
        log_.fed(fills);
}

void DecisionSink::take_behind_call(const ResolvedWebhook& resolved, const DispatchResult& result)
{
    count(*resolved.state, metrics_.share, result);
}

std::string DecisionSink::take_refusal(const std::shared_ptr<const Snapshot>& snapshot, std::string_view message,
                                       const Refused& refused)
{
    metrics_.engine_errors.count(refused.code);
    const auto [is_own, nearest] = metrics_.refused.count(refused, snapshot, RefusedRequests::Clock::now());
    const bool redact = snapshot->configuration().server.redact;
    const Refused shown = redact ? refused.masked() : refused;
    const bool hides_nearest = redact && refused.named == Refused::Named::did;
    std::string suggestion = suggestion_for(refused, nearest);
    std::string kind = std::to_string(refused.code);
    if (is_own)
        kind.append(1, ' ').append(refused.name).append(1, ' ').append(refused.why);
    log_.write_summed(log::Level::warning, message, kind,
                      {{"code", refused.code},
                       {"asked_for", shown.name},
                       {"webhook", shown.webhook},
                       {"did", shown.did},
                       {"call_id", shown.call_id},
                       {"detail", hides_nearest ? shown.why : shown.why + suggestion}});
    return suggestion;
}

} // namespace dialhook::dispatch
