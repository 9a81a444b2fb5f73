#pragma once

#include "decisions/sink.hpp"
#include "dispatch/dispatcher.hpp"
#include "dispatch/thread_metrics.hpp"
#include "log/log.hpp"
#include "net/loop/asio.hpp"

#include <boost/intrusive/list.hpp>

#include <functional>
#include <memory>

namespace dialhook::dispatch {

/// Background dispatches of one thread, which no call waits for (`wait: false`). Each is retried for up to a minute.
/// What does not get through, or finds the queue full, is dropped, counted and logged.
class Background
{
public:
    /// Limit of the dispatches of one thread that are under way or wait for a retry.
    static constexpr std::size_t max_jobs = 10'000;

    Background(net::asio::io_context& context, net::TimerWheel& wheel, Dispatcher& dispatcher, ThreadMetrics& metrics,
               DecisionSink& decisions, log::Log& log)
        : context_(context)
        , wheel_(wheel)
        , dispatcher_(dispatcher)
        , metrics_(metrics)
        , decisions_(decisions)
        , log_(log)
    {
    }
    Background(const Background&) = delete;
    Background& operator=(const Background&) = delete;

    /// Takes over a dispatch of `resolved`, which belongs to `snapshot`.
    void dispatch(std::shared_ptr<const Snapshot> snapshot, const ResolvedWebhook& resolved, Call call);

    /// Lets dispatches under way end, without retries. Calls `finished` when the last one is done.
    void drain(std::function<void()> finished);

    /// Cancels all dispatches.
    void stop();

private:
    struct Job : boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>>
    {
        explicit Job(Background& background);
        ~Job();
        Job(const Job&) = delete;
        Job& operator=(const Job&) = delete;

        Background& background;
        net::Cancellation* cancellation = nullptr; ///< of the attempt or the pause under way
    };
    using Jobs = boost::intrusive::list<Job, boost::intrusive::constant_time_size<false>>;

    net::Awaitable<void> run(std::shared_ptr<const Snapshot> snapshot, const ResolvedWebhook& resolved, Call call);
    void count_dropped(const ResolvedWebhook& resolved, const DispatchResult& result, std::string_view why);

    net::asio::io_context& context_;
    net::TimerWheel& wheel_;
    Dispatcher& dispatcher_;
    ThreadMetrics& metrics_;
    DecisionSink& decisions_;
    log::Log& log_;
    Jobs jobs_;
    std::size_t count_ = 0;
    bool stopped_ = false;
    std::function<void()> finished_; ///< set: draining
};

} // namespace dialhook::dispatch
