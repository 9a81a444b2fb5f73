#pragma once

#include "api/worker_services.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <unordered_set>

namespace dialhook::rpc {

class RpcSession;

/// The engines that are connected to one thread, and the calls that they asked for.
///
/// Each connection is read when the poller tells of it; a coroutine serves one call after the other, and an answer goes
/// out when it is ready. The answers of one turn of the event loop are written once. An engine that does not read is
/// not read from either, an engine that vanishes takes its calls with it, and neither is felt by any other.
class RpcSessions
{
public:
    /// `max_sessions`: so many engines at once; a further one is turned away, so that they leave descriptors to the
    /// others.
    RpcSessions(const api::WorkerServices& services, std::size_t max_sessions)
        : services_(services)
        , max_sessions_(max_sessions)
    {
    }
    ~RpcSessions();
    RpcSessions(const RpcSessions&) = delete;
    RpcSessions& operator=(const RpcSessions&) = delete;

    /// Serves an engine that has just connected; `socket` is taken over.
    void adopt(int socket);

    const api::WorkerServices& services() const { return services_; }

    /// Reads no more. Calls that were read get their answers, idle connections are closed at once, and `finished` is
    /// called when the last one is gone.
    void drain(std::function<void()> finished);

    /// Ends the calls that are still under way, with reason `shutdown`.
    void cancel_calls();

    /// Closes what is left, answered or not.
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
