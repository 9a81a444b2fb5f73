#include "net/loop/semaphore.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>

namespace dialhook::net {

Semaphore::Permit Semaphore::try_acquire(std::uint32_t limit)
{
    if (taken_ >= limit || !waiting_.empty())
        return {};
    ++taken_;
    return Permit(*this);
}

Awaitable<Semaphore::Permit> Semaphore::acquire(Cancellation& cancellation)
{
    const Executor executor = co_await asio::this_coro::executor;
    const auto waiter = std::make_shared<Waiter>(executor);
    waiting_.push_back(*waiter);
    if (borrower_ != nullptr)
        std::exchange(borrower_, nullptr)->request(CancelReason::abandoned);
    const OnCancel on_cancel(cancellation, [&waiter] { waiter->event.set(); });
    co_await waiter->event.wait();
    co_return waiter->has_permit ? Permit(*this) : Permit(); // `release` left it counted as taken
}

void Semaphore::release()
{
    if (waiting_.empty()) {
        --taken_;
        return;
    }
    const auto next = waiting_.front().shared_from_this();
    waiting_.pop_front();
    next->has_permit = true;
    asio::post(next->executor, [next] { next->event.set(); });
}

} // namespace dialhook::net
