#include "api/fastagi/agi_sessions.hpp"

#include "api/fastagi/agi_session.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

namespace dialhook::fastagi {

AgiSessions::AgiSessions(const api::WorkerServices& services, AskedChannels& asked_channels, std::size_t max_sessions)
    : Sessions(services, max_sessions, "FastAGI connection refused: too many connections; raise LimitNOFILE=")
    , asked_channels_(asked_channels)
{
}

void AgiSessions::adopt(net::TcpSocket socket)
{
    if (!admits())
        return; // Asterisk's dialplan goes on without us
    const auto session = std::make_shared<AgiSession>(*this, std::move(socket));
    add(session);
    const auto executor = services().context.get_executor();
    boost::asio::co_spawn(executor, session->read(session), boost::asio::detached);
    boost::asio::co_spawn(executor, session->run(session), boost::asio::detached);
}

} // namespace dialhook::fastagi
