#pragma once

#include "api/rpc/request.hpp"
#include "api/rpc/sessions.hpp"
#include "api/worker_services.hpp"
#include "flow/call_flow.hpp"
#include "net/loop/gate.hpp"
#include "net/loop/stop.hpp"
#include "net/transport/stream_socket.hpp"

#include <boost/intrusive/list.hpp>

#include <array>
#include <memory>
#include <string>
#include <vector>

namespace dialhook::engine {

/// One batch whose answers are collected until the last one is there.
struct Batch
{
    std::size_t unanswered = 0;
    std::string answers;
};

/// One connected engine.
class Session final : public std::enable_shared_from_this<Session>,
                      private net::StreamSocket::User,
                      private net::Poller::Afterwards
{
public:
    /// Takes over `socket`.
    Session(Sessions& sessions, int socket);

    net::Awaitable<void> run(std::shared_ptr<Session> self);

    /// Takes no more requests; what has come already is still answered.
    void stop_reading();

    void stop_calls(net::StopCause cause);

    /// The engine is gone, or must go: its calls end, and nothing is written any more.
    void abandon();

private:
    /// A call between its request and its answer, in the list of its session.
    struct UnderWay : boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>>
    {
        UnderWay(Session& owner, std::size_t held_bytes);
        ~UnderWay();
        UnderWay(const UnderWay&) = delete;
        UnderWay& operator=(const UnderWay&) = delete;

        Session& session;
        const std::size_t holds;
        net::Stop stop;
    };
    /// A call whose webhook is to be asked.
    struct WaitingCall
    {
        std::unique_ptr<flow::CallFlow> flow;
        std::string id;
        std::shared_ptr<Batch> batch; ///< null: it came alone
    };

    /// A coroutine that has answered a call and may take the next one. To begin one for each call costs 800
    /// instructions more.
    struct Server
    {
        WaitingCall call;
        net::Gate next;
    };

    using CallList = boost::intrusive::list<UnderWay, boost::intrusive::constant_time_size<false>>;

    void ready(bool to_read, bool to_write) override;
    void after_look() override;
    void read();
    void end_reading();
    void take(std::string_view bytes);
    std::size_t take_lines(std::string_view bytes);
    void take_line(std::string_view text);
    void take_request(Request&& request, const std::shared_ptr<Batch>& batch);
    flow::CallFlow::Begun begin(Request& request) const;
    void ask(WaitingCall call);
    net::Awaitable<void> serve(std::shared_ptr<Session> self, WaitingCall first);
    void end_servers();
    void answer_call(const flow::CallFlow& flow, std::string_view id, Batch* batch);
    void answer_fault(std::string_view id, Fault fault, Batch* batch);
    template <class Append>
    void answer(Batch* batch, Append append);
    void finish_batch(Batch& batch);

    bool must_pause() const;
    void changed();
    net::Awaitable<void> until_all_is_answered();
    std::size_t unsent() const { return output_.size() - sent_; }
    void schedule_flush();
    void flush();
    void watch_for_hangup();

    Sessions& sessions_;
    const api::WorkerServices& services_;
    net::StreamSocket socket_;
    std::array<char, 4096> portion_;
    std::string input_;       ///< what was read and not yet taken: the start of a line
    std::size_t scanned_ = 0; ///< how much of it is known to hold no line end
    std::string output_;
    std::size_t sent_ = 0;
    CallList calls_;
    std::vector<Server*> resting_;
    std::size_t calls_under_way_ = 0;
    std::size_t held_ = 0; ///< bytes of their ids, and of answers whose batch is not whole
    net::Gate read_to_the_end_;
    net::Gate changed_; ///< for who waits until all is answered
    bool reads_ = true;
    bool takes_requests_ = true;
    bool pauses_ = false; ///< nothing is read, until the engine has read its answers
    bool stops_reading_ = false;
    bool gone_ = false;
    bool flush_is_scheduled_ = false;
    bool waits_for_room_ = false;
    bool watches_for_hangup_ = false;
};

} // namespace dialhook::engine
