#pragma once

#include "api/worker_services.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <unordered_set>

namespace dialhook::rpc {

class RpcSession;

/// The connected engines of one thread, and their calls.
/// Reads a connection when the poller reports it; a coroutine serves one call after the other. The answers of one turn
/// of the event loop are written together. Reading pauses while an engine does not read its answers, and the calls of
/// an engine that disconnects are cancelled; neither affects other engines.
class RpcSessions
{
public:
    /// `max_sessions` limits the engines; further connections are refused, so that descriptors remain for others.
    RpcSessions(const api::WorkerServices& services, std::size_t max_sessions)
        : services_(services)
        , max_sessions_(max_sessions)
    {
    }
    ~RpcSessions();
    RpcSessions(const RpcSessions&) = delete;
    RpcSessions& operator=(const RpcSessions&) = delete;

    /// Serves a new engine. Takes over `socket`.
    void adopt(int socket);

    const api::WorkerServices& services() const { return services_; }

    /// Stops reading. Calls that were read get their answers, idle connections are closed at once. Calls `finished`
    /// when the last one is closed.
    void drain(std::function<void()> finished);

    /// Cancels the calls under way, with reason `shutdown`.
    void cancel_calls();

    /// Closes all connections, answered or not.
    void close();

private:
    friend class RpcSession;

    void forget(const std::shared_ptr<RpcSession>& session);

    const api::WorkerServices& services_;
    std::size_t max_sessions_;
    std::unordered_set<std::shared_ptr<RpcSession>> sessions_;
    std::function<void()> finished_;
};

} // namespace dialhook::rpc
