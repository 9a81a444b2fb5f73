#include "api/rpc/rpc_sessions.hpp"

#include "api/rpc/rpc_session.hpp"

#include <unistd.h>

#include <vector>

namespace dialhook::rpc {

RpcSessions::~RpcSessions() = default;

void RpcSessions::adopt(int socket)
{
    if (finished_) {
        ::close(socket); // draining: without having been read
        return;
    }
    if (sessions_.size() >= max_sessions_) {
        ::close(socket);
        services_.log.write_summed(log::Level::warning,
                                   "engine connection refused: too many connections; raise LimitNOFILE=", {});
        return;
    }
    const auto session = std::make_shared<RpcSession>(*this, socket);
    sessions_.insert(session);
    services_.metrics.engine_connections.add();
    session->start();
}

void RpcSessions::forget(const std::shared_ptr<RpcSession>& session)
{
    sessions_.erase(session);
    services_.metrics.engine_connections.subtract();
    if (finished_ && sessions_.empty())
        finished_();
}

void RpcSessions::drain(std::function<void()> finished)
{
    finished_ = std::move(finished);
    if (sessions_.empty())
        finished_();
    for (const auto& session : sessions_)
        session->stop_reading();
}

void RpcSessions::cancel_calls()
{
    for (const auto& session : std::vector(sessions_.begin(), sessions_.end()))
        session->cancel_calls(net::CancelReason::shutdown);
}

void RpcSessions::close()
{
    for (const auto& session : std::vector(sessions_.begin(), sessions_.end()))
        session->abandon();
}

} // namespace dialhook::rpc
