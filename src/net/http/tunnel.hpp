#pragma once

#include "net/http/target.hpp"
#include "net/loop/asio.hpp"
#include "net/loop/cancellation.hpp"
#include "net/loop/failure.hpp"

#include <optional>

namespace dialhook::net {

/// Asks the proxy at the other end of `socket` for a tunnel to `target` (CONNECT, RFC 9110, 9.3.6). Returns nullopt if
/// the tunnel is open.
Awaitable<std::optional<Failure>> open_tunnel(TcpSocket& socket, const Target& target, Cancellation& cancellation);

} // namespace dialhook::net
