#pragma once

#include "call/code.hpp"
#include "dispatch/dispatcher.hpp"
#include "net/loop/asio.hpp"

#include <boost/intrusive/list.hpp>

#include <functional>
#include <memory>

namespace dialhook::dispatch {

/// Firings for calls that somebody made up to see what a webhook does, on one thread. They take the way of every call,
/// with breaker, cache and limits, but are counted among no decisions.
class Trials
{
public:
    Trials(net::asio::io_context& context, Dispatcher& dispatcher)
        : context_(context)
        , dispatcher_(dispatcher)
    {
    }
    Trials(const Trials&) = delete;
    Trials& operator=(const Trials&) = delete;

    /// Fires `hook`, which belongs to `snapshot`; `done` is called on this thread.
    void fire(std::shared_ptr<const Snapshot> snapshot, const Hook& hook, Call call, Code code,
              std::function<void(std::unique_ptr<Fired>)> done);

    /// Ends those under way with reason `shutdown`.
    void stop();

private:
    struct Trial : boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>>
    {
        net::Stop stop;
    };

    net::Awaitable<void> run(std::shared_ptr<const Snapshot> snapshot, const Hook& hook, Call call, Code code,
                             std::function<void(std::unique_ptr<Fired>)> done);

    net::asio::io_context& context_;
    Dispatcher& dispatcher_;
    boost::intrusive::list<Trial, boost::intrusive::constant_time_size<false>> under_way_;
};

} // namespace dialhook::dispatch
