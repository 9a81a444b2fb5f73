#pragma once

#include "config/configuration.hpp"
#include "log/log.hpp"
#include "net/loop/asio.hpp"

namespace dialhook::daemon {

/// Returns whether the engine on `socket` may ask, by SO_PEERCRED; logs it if not.
bool may_ask(net::UnixSocket& socket, const config::PeerSettings& allowed, log::Log& log);

/// Returns whether a channel of Asterisk may come from `address`; logs it if not.
bool may_ask(net::asio::ip::address address, const config::FastAgiSettings& settings, log::Log& log);

} // namespace dialhook::daemon
