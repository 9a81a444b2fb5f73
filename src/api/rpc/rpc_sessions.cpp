#include "api/rpc/rpc_sessions.hpp"

#include "api/rpc/rpc_session.hpp"

#include <unistd.h>

namespace dialhook::rpc {

RpcSessions::RpcSessions(const api::WorkerServices& services, std::size_t max_sessions)
    : Sessions(services, max_sessions, "engine connection refused: too many connections; raise LimitNOFILE=")
{
}

void RpcSessions::adopt(int socket)
{
    if (!admits()) {
        ::close(socket); // without having been read
        return;
    }
    const auto session = std::make_shared<RpcSession>(*this, socket);
    add(session);
    session->start();
}

} // namespace dialhook::rpc
