#include "net/loop/pause.hpp"

#include "net/loop/event.hpp"

namespace dialhook::net {

Awaitable<void> pause(TimerWheel& wheel, TimePoint until, Cancellation& cancellation)
{
    if (cancellation.requested())
        co_return;
    Event event;
    FunctionTimer timer([&event] { event.set(); });
    wheel.arm(timer, until);
    const OnCancel on_cancel(cancellation, [&event] { event.set(); });
    co_await event.wait();
}

} // namespace dialhook::net
