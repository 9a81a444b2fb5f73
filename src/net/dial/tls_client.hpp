#pragma once

#include "net/loop/failure.hpp"
#include "net/loop/timer_wheel.hpp"
#include "net/transport/tls_context.hpp"

#include <string>

namespace dialhook::net {

/// Has `context` made, and waits until it is or cannot be, or until `cancellation`.
Awaitable<void> until_made(const TlsContext& context, TimerWheel& wheel, Cancellation& cancellation);

/// Returns a connection that takes certificates for `host` (a name or a literal address) alone, and resumes `session`,
/// which outlives it. Null: OpenSSL is out of memory, or `context` is not made.
TlsConnection new_tls_client(const TlsContext& context, const std::string& host, TlsSession& session);

/// Returns why there was no new connection.
Failure cannot_start_tls();

/// Returns a sentence on why the handshake with `host` ended with `error`.
std::string handshake_fault(SSL* native, const error_code& error, const std::string& host);

} // namespace dialhook::net
