#include "api/rpc/trial.hpp"
#include "daemon/daemon.hpp"

#include <boost/asio/post.hpp>

/// What `dialhookctl try` does.
namespace dialhook::daemon {

/// The worker fires; what it brings is written here, so that calls do not wait for it.
void Daemon::try_out(const std::string& params, std::function<void(control::Answer)> answered)
{
    auto read = engine::read_trial(params, reloader_.snapshot());
    if (!read)
        return answered({{}, number_of(read.error().code), std::move(read.error().message)});

    const auto trial = std::make_shared<const engine::Trial>(*std::move(read));
    Worker& worker = *workers_[next_worker_++ % workers_.size()];
    worker.try_out(trial->snapshot, *trial->hook, trial->call, trial->code,
                   [this, trial, answered = std::move(answered)](std::unique_ptr<dispatch::Fired> fired) {
                       net::asio::post(context_, [trial, answered, fired = std::move(fired)]() mutable {
                           answered({engine::trial_json(*trial, std::move(fired)), 0, {}});
                       });
                   });
}

} // namespace dialhook::daemon
