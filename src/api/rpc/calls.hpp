#pragma once

#include "api/rpc/outbox.hpp"
#include "api/worker_services.hpp"
#include "flow/call_flow.hpp"
#include "net/loop/cancellation.hpp"
#include "net/loop/event.hpp"

#include <boost/intrusive/list.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace dialhook::rpc {

class RpcSession;

/// A call whose webhook is to be asked.
struct WaitingCall
{
    std::unique_ptr<flow::CallFlow> flow;
    std::string id;
    std::shared_ptr<Batch> batch; ///< null: it came alone
};

/// The calls of one engine that wait for a web server.
class Calls
{
public:
    Calls(RpcSession& session, const api::WorkerServices& services)
        : session_(session)
        , services_(services)
    {
    }
    Calls(const Calls&) = delete;
    Calls& operator=(const Calls&) = delete;

    /// Asks the webhook, and has the session answer the call.
    void ask(WaitingCall call);

    void stop(net::CancelReason reason);

    /// Ends the oldest call that was asked with this `id`, and has the session answer it with an error. Returns false
    /// if there is none.
    bool cancel(std::string_view id);

    /// Ends all of them without an answer, since the engine is gone.
    void abandon();

    bool are_none() const { return count_ == 0; }
    bool are_full() const { return count_ == max_calls; }

    /// Returns the bytes of their ids.
    std::size_t held() const { return held_; }

private:
    static constexpr std::size_t max_calls = 16384;

    /// A call between its request and its answer.
    struct UnderWay : boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>>
    {
        UnderWay(Calls& owner, std::string_view request_id);
        ~UnderWay();
        UnderWay(const UnderWay&) = delete;
        UnderWay& operator=(const UnderWay&) = delete;

        Calls& calls;
        const std::string_view id;
        net::Cancellation cancellation;
    };
    using List = boost::intrusive::list<UnderWay, boost::intrusive::constant_time_size<false>>;

    /// A coroutine that has answered a call and may take the next one. To begin one for each call costs 800
    /// instructions more.
    struct Server
    {
        WaitingCall call;
        net::Event next;
    };

    net::Awaitable<void> serve(std::shared_ptr<RpcSession> owner, WaitingCall first);

    RpcSession& session_;
    const api::WorkerServices& services_;
    List under_way_;
    std::vector<Server*> resting_;
    std::size_t count_ = 0;
    std::size_t held_ = 0;
};

} // namespace dialhook::rpc
