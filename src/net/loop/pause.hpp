#pragma once

#include "net/loop/stop.hpp"
#include "net/loop/timer_wheel.hpp"

namespace dialhook::net {

/// Waits until `until`, or until `stop` is requested.
Awaitable<void> pause(TimerWheel& wheel, TimePoint until, Stop& stop);

} // namespace dialhook::net
