#include "daemon/watchdog.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <systemd/sd-daemon.h>

#include <cstdint>
#include <utility>

namespace dialhook::daemon {

Watchdog::Watchdog(net::asio::io_context& context, const Workers& workers, std::function<void()> beat)
    : context_(context)
    , workers_(workers)
    , beat_(std::move(beat))
    , pause_(context)
{
    std::uint64_t limit = 0;
    if (::sd_watchdog_enabled(0, &limit) <= 0)
        return;
    limit_ = std::chrono::microseconds(limit);
    net::asio::co_spawn(context.get_executor(), keep_asking(), net::asio::detached);
}

net::Awaitable<void> Watchdog::keep_asking()
{
    while (true) {
        if (unanswered_ == 0)
            ask();
        beat_();
        pause_.expires_after(limit_ / 2);
        co_await pause_.async_wait(net::as_result);
    }
}

void Watchdog::ask()
{
    unanswered_ = workers_.size();
    for (const auto& worker : workers_)
        worker->ping([this] {
            net::asio::post(context_, [this] {
                if (--unanswered_ == 0)
                    ::sd_notify(0, "WATCHDOG=1");
            });
        });
}

} // namespace dialhook::daemon
