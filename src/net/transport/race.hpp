#pragma once

#include "net/loop/asio.hpp"
#include "net/loop/failure.hpp"
#include "net/loop/timer_wheel.hpp"

#include <vector>

namespace dialhook::net {

/// Connects to the first of `endpoints` that answers (RFC 8305, 5): they are tried in order, the next one 250 ms after
/// the last or as soon as it failed, and those under way go on meanwhile. `endpoints` is not empty.
Awaitable<Result<TcpSocket>> connect_first(asio::io_context& context, TimerWheel& wheel,
                                           std::vector<asio::ip::tcp::endpoint> endpoints, Cancellation& cancellation);

/// Returns both families in turn, IPv6 first (RFC 8305, 4), each in the order that DNS gave.
std::vector<asio::ip::address> interleaved(const std::vector<asio::ip::address>& addresses);

} // namespace dialhook::net
