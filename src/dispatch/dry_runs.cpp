#include "dispatch/dry_runs.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <utility>

namespace dialhook::dispatch {

void DryRuns::dispatch(std::shared_ptr<const Snapshot> snapshot, const ResolvedWebhook& resolved, Call call, Code code,
                       std::function<void(std::unique_ptr<DispatchResult>)> done)
{
    net::asio::co_spawn(context_.get_executor(),
                        run(std::move(snapshot), resolved, std::move(call), std::move(code), std::move(done)),
                        net::asio::detached);
}

net::Awaitable<void> DryRuns::run(std::shared_ptr<const Snapshot> snapshot, const ResolvedWebhook& resolved, Call call,
                                  Code code, std::function<void(std::unique_ptr<DispatchResult>)> done)
{
    DryRun dry_run;
    under_way_.push_back(dry_run);
    const Dispatch dispatch{.call = call, .code = code.view(), .explain = true, .transcribe = true};
    done(co_await dispatcher_.dispatch(*snapshot, resolved, dispatch, dry_run.cancellation));
}

void DryRuns::stop()
{
    // Each cancellation may end its dry run at once, which then unlinks itself.
    for (auto dry_run = under_way_.begin(); dry_run != under_way_.end();)
        (dry_run++)->cancellation.request(net::CancelReason::shutdown);
}

} // namespace dialhook::dispatch
