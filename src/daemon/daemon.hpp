#pragma once

#include "api/control/control_server.hpp"
#include "api/http/observer.hpp"
#include "daemon/acceptor.hpp"
#include "daemon/last_good.hpp"
#include "daemon/last_words.hpp"
#include "daemon/listeners.hpp"
#include "daemon/loader.hpp"
#include "daemon/watchdog.hpp"
#include "daemon/worker.hpp"
#include "log/log.hpp"

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/thread_pool.hpp>

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

namespace dialhook::daemon {

/// How many of a start's faults are logged.
constexpr std::size_t most_logged_faults = 20;

/// What the daemon starts with.
struct Start
{
    Loaded loaded;
    status::ConfigurationInForce in_force;
    PassedSockets passed;
    const LastGood* last_good; ///< where to keep what is applied; null: nowhere
};

/// The running program: it owns the sockets, the workers and the configuration in use.
///
/// The main thread accepts, answers `dialhookctl`, and takes signals; it never decides a call. A thread of its own
/// loads configurations. docs/architecture.md has the picture.
class Daemon
{
public:
    /// Opens the sockets and starts the workers. Throws std::runtime_error when that cannot be done.
    Daemon(Loader& loader, Start start, log::Log& log);

    /// Serves until a signal ends it.
    void run();

private:
    using Told = std::function<void(std::string)>;
    using Checked = boost::system::result<Loaded, config::Faults>;
    using CheckDone = std::function<void(control::CheckOutcome)>;
    using ReloadDone = std::function<void(control::ReloadOutcome)>;

    status::Sources sources() const;
    const dispatch::Snapshot& in_use() const { return *snapshot_; }

    void adopt_engine(net::UnixSocket socket);
    void adopt_channel(net::TcpSocket socket);
    void adopt_watcher(net::TcpSocket socket);
    Told on_main_thread(Told told);
    bool may_ask(net::UnixSocket& socket) const;
    net::Awaitable<void> take_signals();

    void reload(ReloadDone done);
    control::ReloadOutcome apply(boost::system::result<Loaded, config::Faults> loaded);
    std::vector<std::string> not_before_restart(const config::ServerSettings& wanted) const;
    void check(std::optional<std::string> file, CheckDone done);
    control::CheckOutcome outcome_of(const std::filesystem::path& file, const Checked& checked) const;
    void retire(std::shared_ptr<const dispatch::Snapshot> snapshot);
    void bury_retired();

    void begin_stop();
    void end_calls();
    void finish_stop();

    std::string status_json() const;
    std::string webhooks_json() const;
    std::optional<std::string> plan_json(const std::string& did) const;
    void try_out(const std::string& params, std::function<void(control::Answer)> answered);

    void say_what_is_stale();
    void keep(std::vector<config::SourceText> files);
    std::string state_text() const;
    void tell_state();

    Loader& loader_;
    const LastGood* last_good_;
    log::Log& log_;
    std::shared_ptr<const dispatch::Snapshot> snapshot_;
    std::vector<config::SourceText> files_to_keep_; ///< of the start, until they are kept
    status::ConfigurationInForce in_force_;
    config::ServerSettings started_with_;
    std::chrono::steady_clock::time_point started_at_ = std::chrono::steady_clock::now();

    net::asio::io_context context_{1};
    net::asio::thread_pool loading_{1};
    Listeners listeners_;
    LastWords last_words_;
    fastagi::AskedChannels asked_channels_; ///< outlives the workers
    std::vector<std::unique_ptr<Worker>> workers_;
    std::size_t next_worker_ = 0;
    std::optional<status::Observer> observer_; ///< set from the constructor on
    control::ControlServer control_;
    UnixAcceptor engine_acceptor_;
    UnixAcceptor control_acceptor_;
    std::optional<TcpAcceptor> channel_acceptor_;
    std::optional<TcpAcceptor> http_acceptor_;
    net::asio::posix::basic_stream_descriptor<net::Executor> signals_;

    /// Configurations that calls under way may still use; the last reference is given up on the loading thread, since a
    /// large one takes milliseconds to delete.
    std::vector<std::shared_ptr<const dispatch::Snapshot>> retired_;
    net::SteadyTimer retirement_;

    struct LastReload
    {
        control::ReloadOutcome outcome;
        std::chrono::system_clock::time_point at;
    };
    std::optional<LastReload> last_reload_;

    std::optional<Watchdog> watchdog_;
    std::string told_state_; ///< what the service manager was told last

    bool draining_ = false;
    std::size_t workers_drained_ = 0;
    net::SteadyTimer drain_limit_;
};

} // namespace dialhook::daemon
