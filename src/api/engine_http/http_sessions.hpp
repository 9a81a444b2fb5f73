#pragma once

#include "api/sessions.hpp"
#include "net/loop/asio.hpp"

#include <boost/intrusive/list.hpp>

#include <cstddef>

namespace dialhook::engine_http {

class HttpSession;

/// A connection that waits for its next request is in a list, from which it goes by itself.
using IdleHook = boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;

/// The connections of engines that ask over HTTP, on one thread. At the limit, the one that has been idle longest makes
/// room.
class HttpSessions final : public api::Sessions<HttpSession>
{
public:
    HttpSessions(const api::WorkerServices& services, std::size_t max_sessions);

    /// Serves a new connection.
    void adopt(net::TcpSocket socket);

private:
    friend class HttpSession;

    boost::intrusive::list<IdleHook, boost::intrusive::constant_time_size<false>> idle_; ///< the longest first
};

} // namespace dialhook::engine_http
