#include "api/fastagi/agi_sessions.hpp"

#include "api/fastagi/agi_session.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <vector>

namespace dialhook::fastagi {

AgiSessions::~AgiSessions() = default;

void AgiSessions::adopt(net::TcpSocket socket)
{
    if (finished_)
        return; // draining: Asterisk's dialplan goes on without us
    if (sessions_.size() >= max_sessions_) {
        services_.log.write_summed(log::Level::warning,
                                   "FastAGI connection refused: too many connections; raise LimitNOFILE=", {});
        return;
    }
    const auto session = std::make_shared<AgiSession>(*this, std::move(socket));
    sessions_.insert(session);
    const auto executor = services_.context.get_executor();
    boost::asio::co_spawn(executor, session->read(session), boost::asio::detached);
    boost::asio::co_spawn(executor, session->run(session), boost::asio::detached);
}

void AgiSessions::forget(const std::shared_ptr<AgiSession>& session)
{
    sessions_.erase(session);
    if (finished_ && sessions_.empty())
        finished_();
}

void AgiSessions::drain(std::function<void()> finished)
{
    finished_ = std::move(finished);
    if (sessions_.empty())
        finished_();
    for (const auto& session : std::vector(sessions_.begin(), sessions_.end()))
        if (session->can_be_left())
            session->close();
}

void AgiSessions::cancel_calls()
{
    for (const auto& session : std::vector(sessions_.begin(), sessions_.end()))
        session->cancel_dispatch(net::CancelReason::shutdown);
}

void AgiSessions::close()
{
    for (const auto& session : std::vector(sessions_.begin(), sessions_.end()))
        session->close();
}

} // namespace dialhook::fastagi
