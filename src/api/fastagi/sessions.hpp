#pragma once

#include "api/fastagi/asked_channels.hpp"
#include "decisions/background.hpp"
#include "decisions/decision_sink.hpp"
#include "dispatch/dispatcher.hpp"
#include "dispatch/snapshot.hpp"
#include "dispatch/tally.hpp"
#include "log/log.hpp"
#include "net/loop/asio.hpp"
#include "net/loop/timer_wheel.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <unordered_set>

namespace dialhook::fastagi {

class Session;

/// The Asterisk channels that are connected to one thread: each runs `AGI(agi://…)` and does what we command, one
/// command at a time, until we close the connection.
///
/// docs/asterisk.md says what an administrator sees of it.
class Sessions
{
public:
    /// `most`: so many channels at once; a further one is turned away, so that they leave descriptors to the others.
    Sessions(net::asio::io_context& context, net::TimerWheel& wheel, dispatch::Dispatcher& dispatcher,
             dispatch::Background& background, dispatch::Tally& tally, dispatch::DecisionSink& decisions,
             AskedChannels& asked_channels, log::Log& log, std::size_t most)
        : context_(context)
        , wheel_(wheel)
        , dispatcher_(dispatcher)
        , background_(background)
        , tally_(tally)
        , decisions_(decisions)
        , asked_channels_(asked_channels)
        , log_(log)
        , most_(most)
    {
    }
    ~Sessions();
    Sessions(const Sessions&) = delete;
    Sessions& operator=(const Sessions&) = delete;

    /// Serves a channel that has just connected.
    void adopt(net::TcpSocket socket);

    /// The configuration of the next call; those under way end with theirs.
    void use(std::shared_ptr<const dispatch::Snapshot> snapshot) { snapshot_ = std::move(snapshot); }

    /// Calls under way go on; `finished` is called when the last one is done.
    void drain(std::function<void()> finished);

    bool is_draining() const { return finished_ != nullptr; }

    /// Ends the firings that are still under way, with reason `shutdown`.
    void stop_calls();

    /// Closes what is left; those channels go on in Asterisk's own dialplan.
    void close();

private:
    friend class Session;

    void forget(const std::shared_ptr<Session>& session);

    net::asio::io_context& context_;
    net::TimerWheel& wheel_;
    dispatch::Dispatcher& dispatcher_;
    dispatch::Background& background_;
    dispatch::Tally& tally_;
    dispatch::DecisionSink& decisions_;
    AskedChannels& asked_channels_;
    log::Log& log_;
    std::size_t most_;
    std::shared_ptr<const dispatch::Snapshot> snapshot_;
    std::unordered_set<std::shared_ptr<Session>> sessions_;
    std::function<void()> finished_;
};

} // namespace dialhook::fastagi
