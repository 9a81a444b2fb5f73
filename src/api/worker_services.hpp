#pragma once

#include "decisions/sink.hpp"
#include "dispatch/dispatcher.hpp"
#include "dispatch/snapshot.hpp"
#include "dispatch/thread_metrics.hpp"
#include "flow/call_flow.hpp"
#include "log/log.hpp"
#include "net/loop/asio.hpp"
#include "net/loop/mailbox.hpp"
#include "net/loop/poller.hpp"
#include "net/loop/timer_wheel.hpp"
#include "spool/spool.hpp"

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
    spool::Spool& spool;
    std::shared_ptr<net::Mailbox> mailbox; ///< for the spool's thread
    dispatch::ThreadMetrics& metrics;
    dispatch::DecisionSink& decisions;
    log::Log& log;
    std::shared_ptr<const dispatch::Snapshot> snapshot; ///< the configuration of the next call
    bool tells_events = false;                          ///< it has notifications

    /// Does what an answer leaves to do beside giving it to the engine: hands over a webhook that the call does not
    /// wait for, and records the decision.
    void conclude(const flow::CallFlow& flow, const flow::Answer& answer) const;

    /// Counts and logs as `message` that a request is refused with `code`, since `why`. Returns the end of the sentence
    /// for who asked: the nearest known name, or an empty text.
    std::string refuse(std::string_view message, RpcError code, std::string_view why, dispatch::Refused about) const;

    /// Returns a number or name as the log may show it: `server.redact` masks it.
    std::string_view shown(std::string_view text) const;

    /// Hands what an engine says to the spool. Later runs `done` on this thread; a failure was counted and logged by
    /// then. If the worker ends meanwhile `done` is destroyed on another thread, so it holds what is this thread's by
    /// `std::weak_ptr` alone.
    void report(events::Report report, spool::StoredFunction done) const;

    /// Says that `call` came in, for an engine that says no events itself. Nobody waits for it.
    void imply_created(const Call& call) const;
};

/// Returns which call `report` is of, for the log.
dispatch::Refused about(const events::Report& report);

/// Returns the answer to a report of which nothing was stored.
flow::RequestFault not_stored(std::string_view why, dispatch::Refused about = {});

} // namespace dialhook::api
