#pragma once

#include "api/fastagi/asked_channels.hpp"
#include "api/sessions.hpp"
#include "net/loop/asio.hpp"

#include <cstddef>

namespace dialhook::fastagi {

class AgiSession;

/// The connected Asterisk channels of one thread. Each runs `AGI(agi://…)` and executes our commands, one at a time,
/// until we close the connection.
///
/// docs/asterisk.md says what an administrator sees of it.
class AgiSessions final : public api::Sessions<AgiSession>
{
public:
    AgiSessions(const api::WorkerServices& services, AskedChannels& asked_channels, std::size_t max_sessions);

    /// Serves a new channel.
    void adopt(net::TcpSocket socket);

    AskedChannels& asked_channels() const { return asked_channels_; }

private:
    AskedChannels& asked_channels_;
};

} // namespace dialhook::fastagi
