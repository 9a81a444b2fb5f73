#include "net/loop/gate.hpp"

#include <cassert>

namespace dialhook::net {

Awaitable<void> Gate::wait()
{
    if (!pass())
        co_await until_opened();
}

Awaitable<void> Gate::until_opened()
{
    return asio::async_initiate<const UseAwaitable, void()>(
        [this](Handler handler) {
            assert(!waiter_ && !open_);
            waiter_.emplace(std::move(handler));
        },
        UseAwaitable{});
}

void Gate::open()
{
    if (waiter_)
        (*std::exchange(waiter_, std::nullopt))();
    else
        open_ = true;
}

} // namespace dialhook::net
