#include <dialhook/dispatch/decision_sink.hpp>

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
    recent_.add(routed);
    log_decision(log_, snapshot.configuration().server, routed);
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
