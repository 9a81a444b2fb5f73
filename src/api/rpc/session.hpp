#pragma once

#include "api/rpc/calls.hpp"
#include "api/rpc/connection_state.hpp"
#include "api/rpc/line_buffer.hpp"
#include "api/rpc/outbox.hpp"
#include "api/rpc/request.hpp"
#include "api/rpc/sessions.hpp"
#include "api/worker_services.hpp"
#include "flow/call_flow.hpp"
#include "net/loop/stop.hpp"
#include "net/transport/stream_socket.hpp"

#include <array>
#include <memory>
#include <string>

namespace dialhook::engine {

/// One connected engine.
class Session final : public std::enable_shared_from_this<Session>,
                      private net::StreamSocket::User,
                      private net::Poller::Afterwards
{
public:
    /// Takes over `socket`.
    Session(Sessions& sessions, int socket);

    /// Gives the connection up at once if it cannot be used. From here on the poller drives it.
    void start();

    /// Takes no more requests; what has come already is still answered.
    void stop_reading();

    void stop_calls(net::StopCause cause) { calls_.stop(cause); }

    /// Disconnects the engine: its calls end, and nothing is written any more.
    void abandon() { happened(Event::connection_lost); }

private:
    friend class Calls;

    /// Whether the answers are about to be written.
    enum class Flush : unsigned char
    {
        idle,
        scheduled,
        blocked ///< until the socket has room
    };

    void happened(Event event);
    void finish();
    void progressed();
    void look_for_hangup();
    void ready(bool to_read, bool to_write) override;
    void after_look() override;
    void read();
    bool take(std::string_view bytes);
    bool take_line(std::string_view text);
    void take_request(Request&& request, const std::shared_ptr<Batch>& batch);
    flow::CallFlow::Begun begin(Request& request) const;
    void answer_fault(std::string_view id, Fault fault, Batch* batch);
    void answer_call(const flow::CallFlow& flow, std::string_view id, Batch* batch);
    template <class Append>
    void answer(Batch* batch, Append append);
    bool must_pause() const;
    void schedule_flush();
    void flush();

    Sessions& sessions_;
    const api::WorkerServices& services_;
    net::StreamSocket socket_;
    std::array<char, 4096> portion_;
    LineBuffer lines_;
    Outbox out_;
    Calls calls_;
    State state_ = State::reading;
    Flush flush_ = Flush::idle;
    bool stops_reading_ = false; ///< the daemon stops: what a line lacks will not come
};

} // namespace dialhook::engine
