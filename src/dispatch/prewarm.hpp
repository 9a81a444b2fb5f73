#pragma once

#include "dispatch/dispatcher.hpp"
#include "log/log.hpp"

#include <memory>
#include <random>
#include <unordered_map>

namespace dialhook::dispatch {

/// Keeps connections open to the origins of webhooks with `prewarm`, on one thread: this thread's share of them.
///
/// To one origin they are opened one after the other with pauses, so that a load balancer is not overrun, and to all
/// origins a few at a time. One that ends is replaced; a web server that takes none, or closes them unused, is asked
/// ever less often. A call that finds no permit of `max_connections` cancels an opening.
class Prewarm
{
public:
    Prewarm(net::asio::io_context& context, net::TimerWheel& wheel, net::HttpClient& client, Dispatcher& dispatcher,
            ThreadShare share, log::Log& log)
        : context_(context)
        , wheel_(wheel)
        , client_(client)
        , dispatcher_(dispatcher)
        , share_(share)
        , log_(log)
    {
    }
    Prewarm(const Prewarm&) = delete;
    Prewarm& operator=(const Prewarm&) = delete;

    /// Keeps open from now on what `snapshot` wants. What is open stays, and ages if it is no longer wanted.
    void use(const std::shared_ptr<const Snapshot>& snapshot);

    /// Opens no more connections.
    void stop();

private:
    struct WarmOrigin;

    net::Awaitable<void> keep(std::shared_ptr<WarmOrigin> origin);
    net::Awaitable<bool> open_one(WarmOrigin& origin);
    void report(const WarmOrigin& origin, const net::Failure& failure);

    net::asio::io_context& context_;
    net::TimerWheel& wheel_;
    net::HttpClient& client_;
    Dispatcher& dispatcher_;
    ThreadShare share_;
    log::Log& log_;
    net::Semaphore openings_; ///< of all origins
    std::unordered_map<net::Target, std::shared_ptr<WarmOrigin>, net::Target::Hash> origins_;
    std::minstd_rand random_{std::random_device{}()};
};

} // namespace dialhook::dispatch
