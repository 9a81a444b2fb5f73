#include "dispatch/hint.hpp"

#include <dialhook/dispatch/decision_sink.hpp>

#include <string>

namespace dialhook::dispatch {
namespace {

void count(WebhookTally& tally, const Fired& fired)
{
    tally.count(fired.decision);
    if (fired.elapsed.count() != 0) // nobody was asked for a caller who never entered a code
        tally.seconds.observe(fired.elapsed);
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
            count(hook->state->tallies.of(tally_.share), *routed.fired);
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
    count(hook.state->tallies.of(tally_.share), fired);
}

} // namespace dialhook::dispatch
