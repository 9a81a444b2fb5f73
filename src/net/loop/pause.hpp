#pragma once

#include "net/loop/cancellation.hpp"
#include "net/loop/timer_wheel.hpp"

namespace dialhook::net {

/// Waits until `until`, or until `cancellation` is requested.
Awaitable<void> pause(TimerWheel& wheel, TimePoint until, Cancellation& cancellation);

} // namespace dialhook::net
