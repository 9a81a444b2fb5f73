#include "api/rpc/dry_run.hpp"

#include "daemon/daemon.hpp"

#include <boost/asio/post.hpp>

/// What `dialhookctl try` does.
namespace dialhook::daemon {

/// The worker dispatches; the result is made JSON on the main thread, so that calls do not wait for it.
void Daemon::dry_run(const std::string& params, std::function<void(control::ControlAnswer)> answered)
{
    auto read = rpc::read_dry_run(params, reloader_.snapshot());
    if (!read)
        return answered({{}, number_of(read.error().code), std::move(read.error().message)});

    const auto dry_run = std::make_shared<const rpc::DryRun>(*std::move(read));
    Worker& worker = *workers_[next_worker_++ % workers_.size()];
    worker.dry_run(dry_run->snapshot, *dry_run->resolved, dry_run->call, dry_run->code,
                   [this, dry_run, answered = std::move(answered)](std::unique_ptr<dispatch::DispatchResult> result) {
                       net::asio::post(context_, [dry_run, answered, result = std::move(result)]() mutable {
                           answered({rpc::dry_run_json(*dry_run, std::move(result)), 0, {}});
                       });
                   });
}

} // namespace dialhook::daemon
