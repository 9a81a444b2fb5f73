#pragma once

#include "api/control/control_server.hpp"
#include "api/control/reports.hpp"
#include "api/http/observer.hpp"
#include "daemon/acceptor.hpp"
#include "daemon/last_good.hpp"
#include "daemon/last_words.hpp"
#include "daemon/listeners.hpp"
#include "daemon/reloader.hpp"
#include "daemon/watchdog.hpp"
#include "daemon/worker.hpp"
#include "delivery/courier.hpp"
#include "log/log.hpp"
#include "spool/spool.hpp"

#include <boost/asio/posix/stream_descriptor.hpp>

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

namespace dialhook::daemon {

/// How many of a start's faults are logged.
constexpr std::size_t max_logged_faults = 20;

/// What the daemon starts with.
struct Start
{
    Loaded loaded;
    status::ConfigurationInForce in_force;
    PassedSockets passed;
    const LastGood* last_good; ///< where to keep what is applied; null: nowhere, and no events either unless configured
};

/// The running program: it owns the sockets, the workers and the configuration in use.
///
/// The main thread accepts, answers `dialhookctl`, and takes signals; it never decides a call. A thread of its own
/// loads configurations. docs/architecture.md has the picture.
class Daemon final : private Reloader::User
{
public:
    /// Opens the sockets and starts the workers. Throws std::runtime_error when that cannot be done.
    Daemon(Loader& loader, Start start, log::Log& log);
    ~Daemon();
    Daemon(const Daemon&) = delete;
    Daemon& operator=(const Daemon&) = delete;

    /// Serves until a signal ends it.
    void run();

private:
    using Told = std::function<void(std::string)>;

    control::Actions actions();
    status::Sources sources() const;
    control::DaemonStatus status_now(const spool::Counts& counts) const;
    const dispatch::Snapshot& in_use() const { return *reloader_.snapshot(); }
    const status::ConfigurationInForce& in_force() const { return reloader_.in_force(); }
    const config::ServerSettings& started_with() const { return reloader_.started_with(); }

    void adopt_engine(net::UnixSocket socket);
    void adopt_channel(net::TcpSocket socket);
    void adopt_http_engine(net::TcpSocket socket);
    void adopt_watcher(net::TcpSocket socket);
    Told on_main_thread(Told told);
    net::Awaitable<void> take_signals();

    void applied(const std::shared_ptr<const dispatch::Snapshot>& snapshot,
                 const net::ResolverSettings& resolver) override;
    void refused(const std::vector<std::string>& faults) override;
    void reloaded() override { tell_state(); }

    void begin_stop();
    void send_what_calls_left();
    void end_calls();
    void finish_stop();
    void end_threads();

    using Answered = std::function<void(control::ControlAnswer)>;
    void dry_run(const std::string& params, Answered answered);
    std::string notifications() const;
    void deliveries(const std::string& params, Answered answered);
    void replay(const std::string& params, Answered answered);
    void test(const std::string& params, Answered answered);

    void say_what_is_stale();
    void say_what_is_not_kept();
    std::string state_text() const;
    void tell_state();

    log::Log& log_;
    std::chrono::steady_clock::time_point started_at_ = std::chrono::steady_clock::now();

    net::asio::io_context context_{1};
    Listeners listeners_;
    LastWords last_words_;
    Reloader reloader_;
    const std::filesystem::path state_folder_;
    spool::Spool spool_; ///< outlives the courier and the workers
    delivery::Courier courier_;
    fastagi::AskedChannels asked_channels_; ///< outlives the workers
    std::vector<std::unique_ptr<Worker>> workers_;
    std::size_t next_worker_ = 0;
    std::optional<status::Observer> observer_; ///< set from the constructor on
    control::ControlServer control_;
    UnixAcceptor engine_acceptor_;
    UnixAcceptor control_acceptor_;
    std::optional<TcpAcceptor> channel_acceptor_;
    std::optional<TcpAcceptor> http_engine_acceptor_;
    std::optional<TcpAcceptor> http_acceptor_;
    net::asio::posix::basic_stream_descriptor<net::Executor> signals_;

    std::optional<Watchdog> watchdog_;
    std::string told_state_; ///< what was last reported to the service manager

    bool draining_ = false;
    std::size_t workers_drained_ = 0;
    net::SteadyTimer drain_limit_;
};

} // namespace dialhook::daemon
