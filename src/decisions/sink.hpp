#pragma once

#include "decisions/ring.hpp"
#include "dispatch/refused_requests.hpp"
#include "dispatch/snapshot.hpp"
#include "dispatch/thread_metrics.hpp"
#include "log/log.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace dialhook::dispatch {

/// Counts the decisions of one thread, and writes them to the thread's ring, which the log and the status page read.
class DecisionSink
{
public:
    DecisionSink(ThreadMetrics& metrics, DecisionRing& ring, log::Log& log)
        : metrics_(metrics)
        , ring_(ring)
        , log_(log)
    {
    }

    /// Takes a routed call. `resolved` is null for a dialplan without a webhook.
    void take(const Snapshot& snapshot, const ResolvedWebhook* resolved, const RoutedCall& routed);

    /// Takes the end of a webhook that no call waited for; `result` is of its last dispatch.
    void take_behind_call(const ResolvedWebhook& resolved, const DispatchResult& result);

    /// A request is refused: counts it, and logs it as `message`, summed up by what it asked for. Returns the end of
    /// the message of the answer: the nearest known name, or an empty text.
    std::string take_refusal(const std::shared_ptr<const Snapshot>& snapshot, std::string_view message,
                             const Refused& refused);

    /// Records a routed call for the log, as far as `server.log.decisions` wants it, and for the status page.
    /// `server.redact` masks numbers and names in the log.
    void record(const config::ServerSettings& settings, const RoutedCall& routed);

private:
    ThreadMetrics& metrics_;
    DecisionRing& ring_;
    log::Log& log_;
};

} // namespace dialhook::dispatch
