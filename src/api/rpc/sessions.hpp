#pragma once

#include "decisions/background.hpp"
#include "decisions/decision_sink.hpp"
#include "dispatch/dispatcher.hpp"
#include "dispatch/snapshot.hpp"
#include "dispatch/tally.hpp"
#include "log/log.hpp"
#include "net/loop/asio.hpp"
#include "net/loop/poller.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <unordered_set>

namespace dialhook::engine {

class Session;

/// The engines that are connected to one thread, and the calls that they asked for.
///
/// Each connection is read when the poller tells of it; a coroutine serves one call after the other, and an answer goes
/// out when it is ready. The answers of one turn of the event loop are written once. An engine that does not read is
/// not read from either, an engine that vanishes takes its calls with it, and neither is felt by any other.
class Sessions
{
public:
    /// `most`: so many engines at once; a further one is turned away, so that they leave descriptors to the others.
    Sessions(net::asio::io_context& context, net::Poller& poller, dispatch::Dispatcher& dispatcher,
             dispatch::Background& background, dispatch::Tally& tally, dispatch::DecisionSink& decisions, log::Log& log,
             std::size_t most)
        : context_(context)
        , poller_(poller)
        , dispatcher_(dispatcher)
        , background_(background)
        , tally_(tally)
        , decisions_(decisions)
        , log_(log)
        , most_(most)
    {
    }
    ~Sessions();
    Sessions(const Sessions&) = delete;
    Sessions& operator=(const Sessions&) = delete;

    /// Serves an engine that has just connected; `socket` is taken over.
    void adopt(int socket);

    /// The configuration of the next call; those under way end with theirs.
    void use(std::shared_ptr<const dispatch::Snapshot> snapshot) { snapshot_ = std::move(snapshot); }

    /// Reads no more. Calls that were read get their answers, idle connections are closed at once, and `finished` is
    /// called when the last one is gone.
    void drain(std::function<void()> finished);

    /// Ends the calls that are still under way, with reason `shutdown`.
    void stop_calls();

    /// Closes what is left, answered or not.
    void close();

private:
    friend class Session;

    void forget(const std::shared_ptr<Session>& session);

    net::asio::io_context& context_;
    net::Poller& poller_;
    dispatch::Dispatcher& dispatcher_;
    dispatch::Background& background_;
    dispatch::Tally& tally_;
    dispatch::DecisionSink& decisions_;
    log::Log& log_;
    std::size_t most_;
    std::shared_ptr<const dispatch::Snapshot> snapshot_;
    std::unordered_set<std::shared_ptr<Session>> sessions_;
    std::function<void()> finished_;
};

} // namespace dialhook::engine
