#include "api/rpc/sessions.hpp"

#include "api/rpc/session.hpp"

#include <unistd.h>

#include <vector>

namespace dialhook::engine {

Sessions::~Sessions() = default;

void Sessions::adopt(int socket)
{
    if (finished_) {
        ::close(socket); // draining: without having been read
        return;
    }
    if (sessions_.size() >= most_) {
        ::close(socket);
        services_.log.write_summed(log::Level::warning,
                                   "engine connection refused: too many connections; raise LimitNOFILE=", {});
        return;
    }
    const auto session = std::make_shared<Session>(*this, socket);
    sessions_.insert(session);
    services_.tally.engine_connections.add();
    session->start();
}

void Sessions::forget(const std::shared_ptr<Session>& session)
{
    sessions_.erase(session);
    services_.tally.engine_connections.subtract();
    if (finished_ && sessions_.empty())
        finished_();
}

void Sessions::drain(std::function<void()> finished)
{
    finished_ = std::move(finished);
    if (sessions_.empty())
        finished_();
    for (const auto& session : sessions_)
        session->stop_reading();
}

void Sessions::stop_calls()
{
    for (const auto& session : std::vector(sessions_.begin(), sessions_.end()))
        session->stop_calls(net::StopCause::shutdown);
}

void Sessions::close()
{
    for (const auto& session : std::vector(sessions_.begin(), sessions_.end()))
        session->abandon();
}

} // namespace dialhook::engine
