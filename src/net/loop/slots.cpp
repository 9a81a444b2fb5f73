#include "net/loop/slots.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>

namespace dialhook::net {

Slots::Taken Slots::take_at_once(std::uint32_t limit)
{
    if (taken_ >= limit || !waiting_.empty())
        return {};
    ++taken_;
    return Taken(*this);
}

Awaitable<Slots::Taken> Slots::wait(Stop& stop)
{
    const Executor executor = co_await asio::this_coro::executor;
    const auto waiter = std::make_shared<Waiter>(executor);
    waiting_.push_back(*waiter);
    if (borrower_ != nullptr)
        std::exchange(borrower_, nullptr)->request(StopCause::abandoned);
    const OnStop on_stop(stop, [&waiter] { waiter->gate.open(); });
    co_await waiter->gate.wait();
    co_return waiter->has_place ? Taken(*this) : Taken(); // whoever gave it back left it taken
}

void Slots::give_back()
{
    if (waiting_.empty()) {
        --taken_;
        return;
    }
    const auto next = waiting_.front().shared_from_this();
    waiting_.pop_front();
    next->has_place = true;
    asio::post(next->executor, [next] { next->gate.open(); });
}

} // namespace dialhook::net
