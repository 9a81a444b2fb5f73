#pragma once

#include "api/sessions.hpp"

#include <cstddef>

namespace dialhook::rpc {

class RpcSession;

/// The connected engines of one thread, and their calls.
/// Reads a connection when the poller reports it; a coroutine serves one call after the other. The answers of one turn
/// of the event loop are written together. Reading pauses while an engine does not read its answers, and the calls of
/// an engine that disconnects are cancelled; neither affects other engines.
class RpcSessions final : public api::Sessions<RpcSession>
{
public:
    RpcSessions(const api::WorkerServices& services, std::size_t max_sessions);

    /// Serves a new engine. Takes over `socket`.
    void adopt(int socket);
};

} // namespace dialhook::rpc
