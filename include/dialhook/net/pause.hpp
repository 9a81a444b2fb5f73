#pragma once

#include <dialhook/net/stop.hpp>
#include <dialhook/net/timer_wheel.hpp>

namespace dialhook::net {

/// Waits until `until`, or until `stop` is requested.
Awaitable<void> pause(TimerWheel& wheel, TimePoint until, Stop& stop);

} // namespace dialhook::net
