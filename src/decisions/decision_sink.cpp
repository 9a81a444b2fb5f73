#include "decisions/decision_sink.hpp"

#include "dispatch/hint.hpp"

#include <string>

namespace dialhook::dispatch {
namespace {

void count(WebhookState& state, ThreadShare share, const Fired& fired)
{
    WebhookTally& tally = state.tallies.of(share);
    if (fired.decision.reason())
        state.last_failure.take(fired.decision, state.tallies);
    tally.count(fired.decision);
    if (fired.elapsed.count() != 0) // nobody was asked for a caller who never entered a code
        tally.seconds.observe(fired.elapsed);
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

/// A webhook that nobody could be asked for, whatever `decisions` says: each reason in full once, then summed up.
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

void DecisionSink::take(const Snapshot& snapshot, const Hook* hook, const RoutedCall& routed)
{
    if (routed.fired == nullptr) {
        tally_.without_webhook.add();
    } else {
        tally_.count(routed.fired->decision);
        if (hook->webhook->is_waited_for()) // else its outcome is not known yet
            count(*hook->state, tally_.share, *routed.fired);
    }
    record(snapshot.configuration().server, routed);
}

void DecisionSink::record(const config::ServerSettings& settings, const RoutedCall& routed)
{
    const auto reason = routed.fired == nullptr ? std::nullopt : routed.fired->decision.reason();
    const log::Level level = level_of(reason);
    if (level == log::Level::warning)
        warn_of_webhook(log_, routed.webhook, routed.fired->decision);
    const bool is_logged =
        is_wanted(settings.log.decisions, reason ? Branch::failure : Branch::success) && log_.wants(level);

    DecisionRecord record(routed, is_logged, settings.redact);
    const bool fills = ring_.add(record);
    if (is_logged)
        log_.fed(fills);
}

void DecisionSink::take_background(const Hook& hook, const Fired& fired)
{
    count(*hook.state, tally_.share, fired);
}

std::string DecisionSink::take_refusal(const std::shared_ptr<const Snapshot>& snapshot, std::string_view message,
                                       const Refused& refused)
{
    tally_.engine_errors.count(refused.code);
    const auto [is_own, nearest] = tally_.refused.count(refused, snapshot, RefusedRequests::Clock::now());
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
