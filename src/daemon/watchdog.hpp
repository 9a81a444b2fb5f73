#pragma once

#include "daemon/worker.hpp"
#include "net/loop/asio.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

namespace dialhook::daemon {

/// Tells systemd twice in each `WatchdogSec=` that the daemon works: the main event loop, whose timer this is, and
/// every worker's, which has to answer first. A loop that hangs keeps the message back, and systemd restarts the
/// daemon. Idle where no watchdog is set (`WATCHDOG_USEC`). `beat` is called each time, so that what else is said now
/// and then needs no timer of its own.
class Watchdog
{
public:
    using Workers = std::vector<std::unique_ptr<Worker>>;

    Watchdog(net::asio::io_context& context, const Workers& workers, std::function<void()> beat);

private:
    net::Awaitable<void> keep_asking();
    void ask();

    net::asio::io_context& context_;
    const Workers& workers_;
    std::function<void()> beat_;
    net::SteadyTimer pause_;
    std::chrono::microseconds limit_{0};
    std::size_t unanswered_ = 0; ///< workers that owe an answer; none is asked again before all have answered
};

} // namespace dialhook::daemon
