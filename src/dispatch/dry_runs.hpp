#pragma once

#include "call/code.hpp"
#include "dispatch/dispatcher.hpp"
#include "net/loop/asio.hpp"

#include <boost/intrusive/list.hpp>

#include <functional>
#include <memory>

namespace dialhook::dispatch {

/// Dry runs on one thread: dispatches for made-up calls, to see what a webhook does. They take the path of every call,
/// with breaker, cache and limits, but are not counted as decisions.
class DryRuns
{
public:
    DryRuns(net::asio::io_context& context, Dispatcher& dispatcher)
        : context_(context)
        , dispatcher_(dispatcher)
    {
    }
    DryRuns(const DryRuns&) = delete;
    DryRuns& operator=(const DryRuns&) = delete;

    /// Dispatches `resolved`, which belongs to `snapshot`. Calls `done` on this thread.
    void dispatch(std::shared_ptr<const Snapshot> snapshot, const ResolvedWebhook& resolved, Call call, Code code,
                  std::function<void(std::unique_ptr<DispatchResult>)> done);

    /// Cancels those under way with reason `shutdown`.
    void stop();

private:
    struct DryRun : boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>>
    {
        net::Cancellation cancellation;
    };

    net::Awaitable<void> run(std::shared_ptr<const Snapshot> snapshot, const ResolvedWebhook& resolved, Call call,
                             Code code, std::function<void(std::unique_ptr<DispatchResult>)> done);

    net::asio::io_context& context_;
    Dispatcher& dispatcher_;
    boost::intrusive::list<DryRun, boost::intrusive::constant_time_size<false>> under_way_;
};

} // namespace dialhook::dispatch
