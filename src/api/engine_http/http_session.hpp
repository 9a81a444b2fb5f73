#pragma once

#include "api/engine_http/answer.hpp"
#include "api/engine_http/http_sessions.hpp"
#include "api/engine_http/request.hpp"
#include "api/engine_http/request_reader.hpp"
#include "events/event.hpp"
#include "flow/call_flow.hpp"
#include "net/loop/cancellation.hpp"
#include "net/loop/event.hpp"
#include "net/loop/timer_wheel.hpp"
#include "net/transport/transport.hpp"
#include "spool/spool.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace dialhook::engine_http {

/// One connection of an engine that asks over HTTP/1.1: one request after the other.
///
/// It is read all the time, so that a client that closes it cancels its call at once. Each wait for the client has a
/// deadline; one for a web server has that of its webhook.
class HttpSession final : public std::enable_shared_from_this<HttpSession>,
                          public WaitingHook,
                          private net::Transport::User
{
public:
    explicit HttpSession(HttpSessions& sessions);

    /// Serves `socket` to its end.
    net::Awaitable<void> run(std::shared_ptr<HttpSession> self, net::TcpSocket socket);

    /// Closes the connection unless a request has begun; the answer to that is the last one, and comes at once if only
    /// a part of the request has come.
    void drain();

    void cancel_calls(net::CancelReason reason);

    /// Closes the connection; its call ends.
    void close();

private:
    enum class Phase : unsigned char
    {
        opening,   ///< the handshake of TLS
        idle,      ///< no byte of the next request has come
        reading,   ///< one has
        answering, ///< nothing more is taken
        closed
    };

    /// Closes the connection when the client takes too long.
    struct Limit final : net::TimerWheel::Timer
    {
        explicit Limit(HttpSession& owner)
            : session(owner)
        {
        }
        void expired() override { session.close(); }

        HttpSession& session;
    };

    net::Awaitable<bool> open(net::TcpSocket socket);
    net::Awaitable<void> serve_one();
    void rest();
    void wait_in(HttpSessions::Waiting& sessions);
    bool needs_more() const;
    net::Awaitable<HttpAnswer> answer_to(const Request& request);
    HttpAnswer refuse(HttpRefusal refusal) const;
    std::optional<HttpRefusal> why_not(const Request& request) const;
    net::Awaitable<HttpAnswer> take(rpc::Asked asked);
    net::Awaitable<void> ask(flow::CallFlow& flow);
    net::Awaitable<HttpAnswer> store(events::Report report);
    net::Awaitable<void> send(std::string_view text);
    net::Awaitable<void> wait_for_end();
    void limit_to(std::chrono::seconds time);

    void received(std::string_view bytes) override;
    void ended(net::error_code error) override;
    void proceed() override;

    HttpSessions& sessions_;
    const api::WorkerServices& services_;
    std::unique_ptr<net::Transport> transport_;
    std::optional<RequestReader> reader_; ///< of the request that is waited for
    Phase phase_ = Phase::opening;
    bool is_local_ = false;        ///< the client is on this machine
    bool has_certificate_ = false; ///< and showed it
    bool stays_ = true;            ///< a further request is taken
    bool is_pipelined_ = false;    ///< something came that was not waited for
    std::size_t not_read_ = 0;     ///< bytes that came while an answer was under way
    net::Event changed_;
    net::Cancellation* cancellation_ = nullptr;
    std::optional<spool::Stored> stored_; ///< what became of the event
    std::string why_not_stored_;
    Limit limit_;
};

} // namespace dialhook::engine_http
