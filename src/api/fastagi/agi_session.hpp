#pragma once

#include "api/fastagi/agi_sessions.hpp"
#include "api/fastagi/channel.hpp"
#include "api/fastagi/channel_variables.hpp"
#include "api/fastagi/digits.hpp"
#include "api/fastagi/step_runner.hpp"
#include "events/event.hpp"
#include "flow/call_flow.hpp"
#include "net/loop/event.hpp"
#include "spool/spool.hpp"

#include <memory>
#include <optional>
#include <string_view>

namespace dialhook::fastagi {

/// One channel that asks, from its first line to the end of the connection.
class AgiSession : public std::enable_shared_from_this<AgiSession>
{
public:
    AgiSession(AgiSessions& sessions, net::TcpSocket socket);

    net::Awaitable<void> run(std::shared_ptr<AgiSession> self);
    net::Awaitable<void> read([[maybe_unused]] std::shared_ptr<AgiSession> self) { co_await channel_.read(); }

    /// A call under way goes on; a stop does not wait for one that needs nothing more.
    void drain();

    void cancel_calls(net::CancelReason reason);
    void close() { channel_.close(); }

private:
    net::Awaitable<void> serve();
    net::Awaitable<void> drive(flow::CallFlow& flow);
    net::Awaitable<void> run_front(flow::CallFlow& flow, const flow::Run& run);
    net::Awaitable<void> collect(flow::CallFlow& flow, std::string_view message);
    net::Awaitable<void> ask(flow::CallFlow& flow);
    net::Awaitable<void> take(const flow::CallFlow& flow, const flow::Answer& answer);
    net::Awaitable<void> say_event(const AgiEnvironment& environment);
    net::Awaitable<bool> is_stored(events::Report report);
    net::Awaitable<void> refuse(RpcError code, std::string_view why, const dispatch::Refused& about);

    AgiSessions& sessions_;
    const api::WorkerServices& services_;
    std::shared_ptr<const dispatch::Snapshot> snapshot_;
    CallNames call_;
    Channel channel_;
    ChannelVariables variables_;
    StepRunner steps_;
    std::optional<Digits> digits_; ///< set when a code was asked for
    net::Cancellation* cancellation_ = nullptr;
    std::optional<spool::Stored> stored_; ///< what became of the event
    net::Event stored_is_known_;
};

} // namespace dialhook::fastagi
