#pragma once

#include "api/rpc/calls.hpp"
#include "api/rpc/connection_state.hpp"
#include "api/rpc/line_buffer.hpp"
#include "api/rpc/outbox.hpp"
#include "api/rpc/reports.hpp"
#include "api/rpc/rpc_request.hpp"
#include "api/rpc/rpc_sessions.hpp"
#include "api/worker_services.hpp"
#include "flow/call_flow.hpp"
#include "net/loop/cancellation.hpp"
#include "net/transport/stream_socket.hpp"

#include <array>
#include <memory>
#include <string>

namespace dialhook::rpc {

/// One connected engine.
class RpcSession final : public std::enable_shared_from_this<RpcSession>,
                         private net::StreamSocket::User,
                         private net::Poller::DeferredFlush
{
public:
    /// Takes over `socket`.
    RpcSession(RpcSessions& sessions, int socket);

    /// Gives the connection up at once if it cannot be used. From here on the poller drives it.
    void start();

    /// Takes no more requests; what has come already is still answered.
    void drain();

    void cancel_calls(net::CancelReason reason) { calls_.stop(reason); }

    /// Disconnects the engine: its calls end, and nothing is written any more.
    void close() { happened(ConnectionEvent::connection_lost); }

private:
    friend class Calls;
    friend class Reports;

    /// Whether the answers are about to be written.
    enum class Flush : unsigned char
    {
        idle,
        scheduled,
        blocked ///< until the socket has room
    };

    void happened(ConnectionEvent event);
    void finish();
    void progressed();
    void look_for_hangup();
    void ready(bool to_read, bool to_write) override;
    void flush_deferred() override;
    void read();
    bool take(std::string_view bytes);
    bool take_line(std::string_view text);
    void take_request(RpcRequest&& request, const std::shared_ptr<Batch>& batch);
    void take_cancel(std::string_view id, const CancelRequest& asked, Batch* batch);
    void answer_fault(std::string_view id, RequestFault fault, Batch* batch);
    void answer_cancelled(std::string_view id, Batch* batch);
    void answer_report(std::string_view id, spool::Stored stored, std::string_view why, Batch* batch);
    void answer_call(const flow::CallFlow& flow, std::string_view id, Batch* batch);
    template <class Append>
    void answer(Batch* batch, Append append);
    bool must_pause() const;
    void schedule_flush();
    void flush();

    RpcSessions& sessions_;
    const api::WorkerServices& services_;
    net::StreamSocket socket_;
    std::array<char, 4096> portion_;
    LineBuffer lines_;
    Outbox out_;
    Calls calls_;
    Reports reports_;
    State state_ = State::reading;
    Flush flush_ = Flush::idle;
    bool stops_reading_ = false; ///< the daemon stops: what a line lacks will not come
};

} // namespace dialhook::rpc
