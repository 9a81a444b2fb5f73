#pragma once

#include "api/sessions.hpp"
#include "net/loop/asio.hpp"

#include <boost/intrusive/list.hpp>

#include <cstddef>

namespace dialhook::engine_http {

class HttpSession;

/// A connection that waits for its client is in a list, from which it goes by itself.
using WaitingHook = boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;

/// The connections of engines that ask over HTTP, on one thread. At the limit it closes the one that has been idle
/// longest; if none is idle, the one whose handshake or unfinished request has taken longest.
class HttpSessions final : public api::Sessions<HttpSession>
{
public:
    HttpSessions(const api::WorkerServices& services, std::size_t max_sessions);

    /// Serves a new connection.
    void adopt(net::TcpSocket socket);

private:
    friend class HttpSession;

    using Waiting = boost::intrusive::list<WaitingHook, boost::intrusive::constant_time_size<false>>;

    void make_room();

    // The longest first.
    Waiting idle_;  ///< no byte of the next request has come
    Waiting begun_; ///< in a handshake, in the middle of a request, or answered and not closed yet
};

} // namespace dialhook::engine_http
