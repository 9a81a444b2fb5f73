#pragma once

#include "decisions/background.hpp"
#include "decisions/sink.hpp"
#include "dispatch/dispatcher.hpp"
#include "dispatch/snapshot.hpp"
#include "dispatch/thread_metrics.hpp"
#include "flow/call_flow.hpp"
#include "log/log.hpp"
#include "net/loop/asio.hpp"
#include "net/loop/poller.hpp"
#include "net/loop/timer_wheel.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace dialhook::api {

/// What a worker has for the doors on its thread.
struct WorkerServices
{
    net::asio::io_context& context;
    net::Poller& poller;
    net::TimerWheel& wheel;
    dispatch::Dispatcher& dispatcher;
    dispatch::Background& background;
    dispatch::ThreadMetrics& metrics;
    dispatch::DecisionSink& decisions;
    log::Log& log;
    std::shared_ptr<const dispatch::Snapshot> snapshot; ///< the configuration of the next call

    /// Does what an answer leaves to do beside giving it to the engine: asks a webhook that the call did not wait for,
    /// and records the decision.
    void conclude(const flow::CallFlow& flow, const flow::Answer& answer) const;

    /// Counts and logs as `message` that a request is refused with `code`, since `why`. Returns the end of the sentence
    /// for who asked: the nearest known name, or an empty text.
    std::string refuse(std::string_view message, RpcError code, std::string_view why, dispatch::Refused about) const;
};

} // namespace dialhook::api
