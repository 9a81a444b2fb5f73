#include "api/fastagi/sessions.hpp"

#include "api/fastagi/session.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <vector>

namespace dialhook::fastagi {

Sessions::~Sessions() = default;

void Sessions::adopt(net::TcpSocket socket)
{
    if (finished_)
        return; // draining: Asterisk's dialplan goes on without us
    if (sessions_.size() >= most_) {
        services_.log.write_summed(log::Level::warning,
                                   "FastAGI connection refused: too many connections; raise LimitNOFILE=", {});
        return;
    }
    const auto session = std::make_shared<Session>(*this, std::move(socket));
    sessions_.insert(session);
    const auto executor = services_.context.get_executor();
    boost::asio::co_spawn(executor, session->read(session), boost::asio::detached);
    boost::asio::co_spawn(executor, session->run(session), boost::asio::detached);
}

void Sessions::forget(const std::shared_ptr<Session>& session)
{
    sessions_.erase(session);
    if (finished_ && sessions_.empty())
        finished_();
}

void Sessions::drain(std::function<void()> finished)
{
    finished_ = std::move(finished);
    if (sessions_.empty())
        finished_();
    for (const auto& session : std::vector(sessions_.begin(), sessions_.end()))
        if (session->can_be_left())
            session->close();
}

void Sessions::stop_calls()
{
    for (const auto& session : std::vector(sessions_.begin(), sessions_.end()))
        session->stop_firing(net::StopCause::shutdown);
}

void Sessions::close()
{
    for (const auto& session : std::vector(sessions_.begin(), sessions_.end()))
        session->close();
}

} // namespace dialhook::fastagi
