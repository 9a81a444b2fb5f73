#include <dialhook/dispatch/decision_sink.hpp>

namespace dialhook::dispatch {
namespace {

void count(WebhookTally& tally, const Fired& fired)
{
    tally.count(fired.decision);
    if (fired.elapsed.count() != 0) // nobody was asked for a caller who never entered a code
        tally.seconds.observe(fired.elapsed);
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
    recent_.add(routed);
    log_decision(log_, snapshot.configuration().server, routed);
}

void DecisionSink::take_background(const Hook& hook, const Fired& fired)
{
    count(hook.state->tallies.of(tally_.share), fired);
}

} // namespace dialhook::dispatch
