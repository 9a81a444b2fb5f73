#include "net/loop/pause.hpp"

#include "net/loop/gate.hpp"

namespace dialhook::net {

Awaitable<void> pause(TimerWheel& wheel, TimePoint until, Stop& stop)
{
    if (stop.requested())
        co_return;
    Gate gate;
    FunctionTimer timer([&gate] { gate.open(); });
    wheel.arm(timer, until);
    const OnStop on_stop(stop, [&gate] { gate.open(); });
    co_await gate.wait();
}

} // namespace dialhook::net
