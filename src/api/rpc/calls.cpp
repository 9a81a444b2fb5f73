#include "api/rpc/calls.hpp"

#include "api/rpc/rpc_session.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <algorithm>
#include <utility>

namespace dialhook::rpc {
namespace {

/// Servers that wait for the next call; one is about a kilobyte.
constexpr std::size_t max_resting = 16;

} // namespace

Calls::UnderWay::UnderWay(Calls& owner, std::string_view request_id)
    : calls(owner)
    , id(request_id)
{
    calls.held_ += id.size();
    calls.under_way_.push_back(*this);
    ++calls.count_;
    calls.services_.metrics.in_flight.add();
}

Calls::UnderWay::~UnderWay()
{
    calls.held_ -= id.size();
    --calls.count_;
    calls.services_.metrics.in_flight.subtract();
}

void Calls::ask(WaitingCall call)
{
    if (resting_.empty()) {
        boost::asio::co_spawn(services_.context, serve(session_.shared_from_this(), std::move(call)),
                              boost::asio::detached);
        return;
    }
    Server& server = *resting_.back();
    resting_.pop_back();
    server.call = std::move(call);
    server.next.set();
}

net::Awaitable<void> Calls::serve([[maybe_unused]] std::shared_ptr<RpcSession> owner, WaitingCall first)
{
    Server server{std::move(first), {}};
    while (session_.state_ != State::gone) {
        {
            flow::CallFlow& flow = *server.call.flow;
            UnderWay call(*this, server.call.id);
            auto result = co_await services_.dispatcher.dispatch(*flow.snapshot(), *flow.webhook(),
                                                                 flow.dispatch_request(), call.cancellation);
            if (call.cancellation.reason() == net::CancelReason::abandoned) {
                services_.metrics.abandoned.add();
                session_.answer_cancelled(server.call.id, server.call.batch.get());
            } else {
                flow.webhook_answered(std::move(result));
                session_.answer_call(flow, server.call.id, server.call.batch.get());
            }
        }
        server.call = {};
        session_.progressed();
        if (session_.state_ == State::gone || resting_.size() == max_resting)
            co_return;
        resting_.push_back(&server);
        co_await server.next.wait();
    }
}

void Calls::stop(net::CancelReason reason)
{
    // Each stop may end its call at once, which then takes itself off the list.
    while (!under_way_.empty()) {
        UnderWay& call = under_way_.front();
        under_way_.pop_front();
        call.cancellation.request(reason);
    }
}

bool Calls::cancel(std::string_view id)
{
    const auto found =
        std::find_if(under_way_.begin(), under_way_.end(), [id](const UnderWay& call) { return call.id == id; });
    if (found == under_way_.end())
        return false;
    UnderWay& call = *found;
    under_way_.erase(found); // it is not to be found twice, however long it takes to end
    call.cancellation.request(net::CancelReason::abandoned);
    return true;
}

void Calls::abandon()
{
    stop(net::CancelReason::abandoned);
    for (Server* const server : std::exchange(resting_, {}))
        server->next.set(); // it sees that the engine is gone
}

} // namespace dialhook::rpc
