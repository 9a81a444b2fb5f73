#include "net/loop/event.hpp"

#include <cassert>

namespace dialhook::net {

Awaitable<void> Event::wait()
{
    if (!consume())
        co_await until_set();
}

Awaitable<void> Event::until_set()
{
    return asio::async_initiate<const UseAwaitable, void()>(
        [this](Handler handler) {
            assert(!waiter_ && !is_set_);
            waiter_.emplace(std::move(handler));
        },
        UseAwaitable{});
}

void Event::set()
{
    if (waiter_)
        (*std::exchange(waiter_, std::nullopt))();
    else
        is_set_ = true;
}

} // namespace dialhook::net
