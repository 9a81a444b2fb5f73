#include "api/engine_http/http_sessions.hpp"

#include "api/engine_http/http_session.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <utility>

namespace dialhook::engine_http {

HttpSessions::HttpSessions(const api::WorkerServices& services, std::size_t max_sessions)
    : Sessions(services, max_sessions, "engine connection over HTTP refused: too many connections; raise LimitNOFILE=")
{
}

void HttpSessions::adopt(net::TcpSocket socket)
{
    if (is_full())
        make_room();
    if (!admits())
        return;
    const auto session = std::make_shared<HttpSession>(*this);
    add(session);
    boost::asio::co_spawn(services().context.get_executor(), session->run(session, std::move(socket)),
                          boost::asio::detached);
}

/// Strangers who say nothing must not keep engines out. A connection with a call is in neither list.
void HttpSessions::make_room()
{
    Waiting& longest = idle_.empty() ? begun_ : idle_;
    if (!longest.empty())
        static_cast<HttpSession&>(longest.front()).close();
}

} // namespace dialhook::engine_http
