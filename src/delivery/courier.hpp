#pragma once

#include "decisions/ring.hpp"
#include "decisions/sink.hpp"
#include "delivery/event_test.hpp"
#include "delivery/nats_targets.hpp"
#include "dispatch/dispatcher.hpp"
#include "dispatch/snapshot.hpp"
#include "dispatch/thread_metrics.hpp"
#include "log/log.hpp"
#include "net/dns/resolver.hpp"
#include "net/http/http_client.hpp"
#include "net/loop/poller.hpp"
#include "net/loop/timer_wheel.hpp"
#include "spool/spool.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/intrusive/list.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace dialhook::delivery {

/// Carries the spool's parcels to web servers and NATS: events of notifications, and webhooks that no call waits for.
/// One thread with an event loop of its own, so that no call shares one with them. All functions may be called from any
/// thread; what they do happens on this one.
///
/// How many parcels are under way is the spool's to say.
class Courier final : public spool::Carrier
{
public:
    /// Is told what came of each parcel, on the courier's thread. Outlives the courier.
    using Conclude = std::function<void(std::int64_t parcel, spool::Attempted attempted)>;

    /// `max_idle` limits the connections that are kept open to all web servers together.
    Courier(const net::ResolverSettings& resolver, std::shared_ptr<const dispatch::Snapshot> snapshot,
            std::size_t max_idle, Conclude conclude, log::Log& log);
    ~Courier();
    Courier(const Courier&) = delete;
    Courier& operator=(const Courier&) = delete;

    /// Carries a parcel. After `drain` it neither carries nor concludes any: they are the next daemon's.
    void carry(spool::Parcel parcel) override;

    /// Sends a made-up event to each URL of a notification, one after the other, and runs `done` on this courier's
    /// thread; with nullopt if the configuration has no such notification, or the courier has stopped. The spool knows
    /// nothing of it.
    void test(std::string notification, std::function<void(std::optional<EventTest>)> done);

    /// Uses `snapshot` after a reload. What is under way ends with the configuration that it began with.
    void use(std::shared_ptr<const dispatch::Snapshot> snapshot, net::ResolverSettings resolver);

    /// Takes nothing more. Runs `finished` on this courier's thread when nothing is under way.
    void drain(std::function<void()> finished);

    /// Cancels what is under way: it is concluded as failed.
    void cancel();

    /// Closes everything and ends the thread.
    void stop();

    const dispatch::ThreadMetrics& metrics() const { return metrics_; }
    const dispatch::DecisionRing& decisions() const { return *ring_; }
    const net::ConnectionCounts& connections() const { return client_.counts(); }

private:
    struct Job : boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>>
    {
        explicit Job(Courier& courier);
        ~Job();
        Job(const Job&) = delete;
        Job& operator=(const Job&) = delete;

        Courier& courier;
        net::Cancellation cancellation;
    };
    using Jobs = boost::intrusive::list<Job, boost::intrusive::constant_time_size<false>>;

    void run();
    void begin(spool::Parcel parcel);
    net::Awaitable<void> bring(spool::Parcel parcel);
    net::Awaitable<spool::Attempted> attempt(const spool::Parcel& parcel, net::Cancellation& cancellation);
    net::Awaitable<spool::Attempted> tell(std::shared_ptr<const dispatch::Snapshot> snapshot,
                                          const spool::Parcel& parcel, const events::CallEvent& event,
                                          net::Cancellation& cancellation,
                                          std::vector<dispatch::ExchangeReport>* exchanges);
    net::Awaitable<spool::Attempted> dispatch(const spool::Parcel& parcel, const Call& call,
                                              net::Cancellation& cancellation);
    net::Awaitable<void> run_test(EventTest test, std::function<void(std::optional<EventTest>)> done);
    void warn(const spool::Parcel& parcel, const spool::Attempted& attempted);
    void cancel_jobs();

    net::asio::io_context context_;
    net::Poller poller_;
    net::TimerWheel wheel_;
    net::HttpClient client_;
    NatsTargets nats_;
    dispatch::ThreadMetrics metrics_;
    std::shared_ptr<dispatch::DecisionRing> ring_; // the log's too
    dispatch::DecisionSink decisions_;
    dispatch::Dispatcher dispatcher_;
    const Conclude conclude_;
    log::Log& log_;
    std::shared_ptr<const dispatch::Snapshot> snapshot_;
    Jobs jobs_;
    std::function<void()> finished_; ///< set: draining
    bool cancelled_ = false;
    std::optional<net::asio::executor_work_guard<net::Executor>> work_;
    std::thread thread_;
};

} // namespace dialhook::delivery
