#pragma once

#include "config/configuration.hpp"
#include "daemon/passed_sockets.hpp"
#include "daemon/tcp_listener.hpp"
#include "daemon/unix_listener.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dialhook::daemon {

/// Returns the socket that was passed as `name`, or else one of our own at `file`. Throws std::runtime_error.
UnixListener unix_listener(PassedSockets& passed, std::string_view name, const SocketFile& file);

/// Returns the socket that was passed as `name`, or else one of our own at `configured`; nullopt when there is neither.
/// Throws std::runtime_error.
std::optional<TcpListener> tcp_listener(PassedSockets& passed, std::string_view name,
                                        const std::optional<boost::asio::ip::tcp::endpoint>& configured);

/// Where the daemon is asked: each socket as systemd passed it, or opened as the `server` section says. A passed socket
/// stays with systemd too: its file is never removed, and what connects after us waits in its queue for the next
/// daemon.
struct Listeners
{
    Listeners(const config::ServerSettings& server, PassedSockets passed);

    /// Returns a sentence for each setting that `wanted` has in vain, since systemd passed a socket that is elsewhere.
    std::vector<std::string> overruled(const config::ServerSettings& wanted) const;

    UnixListener engine;
    UnixListener control;
    std::optional<TcpListener> fastagi;
    std::optional<TcpListener> http;
    std::optional<TcpListener> engine_http; ///< systemd passes none: who can reach it has to be known
};

} // namespace dialhook::daemon
