#pragma once

#include <dialhook/dispatch/decision_log.hpp>
#include <dialhook/dispatch/recent_decisions.hpp>
#include <dialhook/dispatch/refused_requests.hpp>
#include <dialhook/dispatch/snapshot.hpp>
#include <dialhook/dispatch/tally.hpp>
#include <dialhook/log/log.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace dialhook::dispatch {

/// Where the decisions of one thread leave their traces, as they go out: in the counters, among the recent
/// decisions, and in the log.
class DecisionSink
{
public:
    DecisionSink(Tally& tally, RecentDecisions& recent, log::Log& log)
        : tally_(tally)
        , recent_(recent)
        , log_(log)
    {
    }

    /// A call was routed. `hook` is null for a dialplan without a webhook.
    void take(const Snapshot& snapshot, const Hook* hook, const RoutedCall& routed);

    /// A request that no call waited for came to its end: `fired` is its last firing.
    void take_background(const Hook& hook, const Fired& fired);

    /// A request is refused: counts it, and logs it as `message`, summed up by what it asked for. Returns the end of
    /// the message of the answer: the nearest known name, or an empty text.
    std::string take_refusal(const std::shared_ptr<const Snapshot>& snapshot, std::string_view message,
                             const Refused& refused);

private:
    Tally& tally_;
    RecentDecisions& recent_;
    log::Log& log_;
};

} // namespace dialhook::dispatch
