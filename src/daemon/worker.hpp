#pragma once

#include "api/engine_http/http_sessions.hpp"
#include "api/fastagi/agi_sessions.hpp"
#include "api/rpc/rpc_sessions.hpp"
#include "api/worker_services.hpp"
#include "dispatch/dispatcher.hpp"
#include "dispatch/dry_runs.hpp"
#include "dispatch/prewarm.hpp"
#include "dispatch/thread_metrics.hpp"
#include "log/log.hpp"
#include "net/dns/resolver.hpp"
#include "net/http/http_client.hpp"
#include "net/loop/mailbox.hpp"
#include "net/loop/poller.hpp"
#include "net/loop/timer_wheel.hpp"
#include "spool/spool.hpp"

#include <boost/asio/executor_work_guard.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <thread>

namespace dialhook::daemon {

/// One thread that decides calls: its event loop and all that belongs to it. Threads share nothing but the snapshot,
/// the log and the webhooks' counters. All functions may be called from the main thread; what they do happens on this
/// one.
class Worker
{
public:
    /// `share` says which of the workers this one is.
    Worker(dispatch::ThreadShare share, net::ResolverSettings resolver,
           std::shared_ptr<const dispatch::Snapshot> snapshot, fastagi::AskedChannels& asked_channels,
           spool::Spool& spool, log::Log& log);
    ~Worker();
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    /// Takes over the socket of a new engine.
    void adopt_engine(int socket);

    /// Takes over the socket of a new Asterisk channel.
    void adopt_channel(int socket, const net::asio::ip::tcp& protocol);

    /// Takes over the socket of a new engine over HTTP.
    void adopt_http_engine(int socket, const net::asio::ip::tcp& protocol);

    void apply(std::shared_ptr<const dispatch::Snapshot> snapshot, net::ResolverSettings resolver);

    /// Runs `answered` on this worker's thread, which shows that its event loop works.
    void ping(std::function<void()> answered);

    /// Dispatches `resolved`, which belongs to `snapshot`, for a made-up call. Runs `done` on this worker's thread.
    void dry_run(std::shared_ptr<const dispatch::Snapshot> snapshot, const dispatch::ResolvedWebhook& resolved,
                 Call call, Code code, std::function<void(std::unique_ptr<dispatch::DispatchResult>)> done);

    /// Takes no more requests. Runs `finished` on this worker's thread when the last engine is gone.
    void drain(std::function<void()> finished);

    /// Cancels the calls under way, with reason `shutdown`.
    void cancel_calls();

    /// Closes everything and ends the thread.
    void stop();

    const dispatch::ThreadMetrics& metrics() const { return metrics_; }
    const dispatch::DecisionRing& decisions() const { return *ring_; }
    const net::ConnectionCounts& connections() const { return client_.counts(); }

private:
    template <class Sessions>
    void adopt_tcp(Sessions& sessions, int socket, const net::asio::ip::tcp& protocol);
    void run();
    void use(std::shared_ptr<const dispatch::Snapshot> snapshot);

    net::asio::io_context context_;
    net::Poller poller_;
    net::TimerWheel wheel_;
    std::shared_ptr<net::Mailbox> mailbox_;
    net::HttpClient client_;
    dispatch::ThreadMetrics metrics_;
    std::shared_ptr<dispatch::DecisionRing> ring_; // the log's too
    dispatch::DecisionSink decisions_;
    dispatch::Dispatcher dispatcher_;
    dispatch::Prewarm prewarm_;
    dispatch::DryRuns dry_runs_;
    api::WorkerServices services_; ///< for the doors
    rpc::RpcSessions engines_;
    fastagi::AgiSessions channels_;
    engine_http::HttpSessions http_engines_;
    log::Log& log_;
    std::optional<net::asio::executor_work_guard<net::Executor>> work_;
    std::thread thread_;
};

} // namespace dialhook::daemon
