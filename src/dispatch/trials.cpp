#include "dispatch/trials.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <utility>

namespace dialhook::dispatch {

void Trials::fire(std::shared_ptr<const Snapshot> snapshot, const Hook& hook, Call call, Code code,
                  std::function<void(std::unique_ptr<Fired>)> done)
{
    net::asio::co_spawn(context_.get_executor(),
                        run(std::move(snapshot), hook, std::move(call), std::move(code), std::move(done)),
                        net::asio::detached);
}

net::Awaitable<void> Trials::run(std::shared_ptr<const Snapshot> snapshot, const Hook& hook, Call call, Code code,
                                 std::function<void(std::unique_ptr<Fired>)> done)
{
    Trial trial;
    under_way_.push_back(trial);
    const Firing firing{.call = call, .code = code.view(), .explain = true, .transcribe = true};
    done(co_await dispatcher_.fire(*snapshot, hook, firing, trial.stop));
}

void Trials::stop()
{
    // Each stop may end its trial at once, which then takes itself off the list.
    for (auto trial = under_way_.begin(); trial != under_way_.end();)
        (trial++)->stop.request(net::StopCause::shutdown);
}

} // namespace dialhook::dispatch
