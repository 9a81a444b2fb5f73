#pragma once

#include "api/fastagi/asked_channels.hpp"
#include "api/worker_services.hpp"
#include "net/loop/asio.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <unordered_set>

namespace dialhook::fastagi {

class AgiSession;

/// The connected Asterisk channels of one thread. Each runs `AGI(agi://…)` and executes our commands, one at a time,
/// until we close the connection.
///
/// docs/asterisk.md says what an administrator sees of it.
class AgiSessions
{
public:
    /// `max_sessions` limits the channels; further connections are refused, so that descriptors remain for others.
    AgiSessions(const api::WorkerServices& services, AskedChannels& asked_channels, std::size_t max_sessions)
        : services_(services)
        , asked_channels_(asked_channels)
        , max_sessions_(max_sessions)
    {
    }
    ~AgiSessions();
    AgiSessions(const AgiSessions&) = delete;
    AgiSessions& operator=(const AgiSessions&) = delete;

    /// Serves a new channel.
    void adopt(net::TcpSocket socket);

    /// Calls under way go on; `finished` is called when the last one is done.
    void drain(std::function<void()> finished);

    bool is_draining() const { return finished_ != nullptr; }

    const api::WorkerServices& services() const { return services_; }
    AskedChannels& asked_channels() const { return asked_channels_; }

    /// Ends the dispatches that are still under way, with reason `shutdown`.
    void cancel_calls();

    /// Closes what is left; those channels go on in Asterisk's own dialplan.
    void close();

private:
    friend class AgiSession;

    void forget(const std::shared_ptr<AgiSession>& session);

    const api::WorkerServices& services_;
    AskedChannels& asked_channels_;
    std::size_t max_sessions_;
    std::unordered_set<std::shared_ptr<AgiSession>> sessions_;
    std::function<void()> finished_;
};

} // namespace dialhook::fastagi
