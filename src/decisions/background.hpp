#pragma once

#include "decisions/decision_sink.hpp"
#include "dispatch/dispatcher.hpp"
#include "dispatch/tally.hpp"
#include "log/log.hpp"
#include "net/loop/asio.hpp"

#include <boost/intrusive/list.hpp>

#include <functional>
#include <memory>

namespace dialhook::dispatch {

/// Firings that no call waits for (`wait: false`), on one thread. Each is tried again for up to a minute; what does not
/// get through, or finds too many before it, is lost, counted and logged.
class Background
{
public:
    /// So many firings of one thread may be under way or wait for their next try.
    static constexpr std::size_t most_jobs = 10'000;

    Background(net::asio::io_context& context, net::TimerWheel& wheel, Dispatcher& dispatcher, Tally& tally,
               DecisionSink& decisions, log::Log& log)
        : context_(context)
        , wheel_(wheel)
        , dispatcher_(dispatcher)
        , tally_(tally)
        , decisions_(decisions)
        , log_(log)
    {
    }
    Background(const Background&) = delete;
    Background& operator=(const Background&) = delete;

    /// Takes over a firing of `hook`, which belongs to `snapshot`.
    void fire(std::shared_ptr<const Snapshot> snapshot, const Hook& hook, Call call);

    /// What is under way may end, but nothing is tried again; `finished` is called when the last one is done.
    void drain(std::function<void()> finished);

    /// Ends what is under way.
    void stop();

private:
    struct Job : boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>>
    {
        explicit Job(Background& background);
        ~Job();
        Job(const Job&) = delete;
        Job& operator=(const Job&) = delete;

        Background& background;
        net::Stop* stop = nullptr; ///< of the try or the pause under way
    };
    using Jobs = boost::intrusive::list<Job, boost::intrusive::constant_time_size<false>>;

    net::Awaitable<void> run(std::shared_ptr<const Snapshot> snapshot, const Hook& hook, Call call);
    void lose(const Hook& hook, const Fired& fired, std::string_view why);

    net::asio::io_context& context_;
    net::TimerWheel& wheel_;
    Dispatcher& dispatcher_;
    Tally& tally_;
    DecisionSink& decisions_;
    log::Log& log_;
    Jobs jobs_;
    std::size_t count_ = 0;
    bool stopped_ = false;
    std::function<void()> finished_; ///< set: draining
};

} // namespace dialhook::dispatch
