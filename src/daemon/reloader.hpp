#pragma once

#include "api/control/control_server.hpp"
#include "api/control/reports.hpp"
#include "api/http/sources.hpp"
#include "daemon/last_good.hpp"
#include "daemon/listeners.hpp"
#include "daemon/loader.hpp"
#include "log/log.hpp"
#include "net/loop/asio.hpp"

#include <boost/asio/thread_pool.hpp>

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace dialhook::daemon {

/// The configuration in use, and how another one takes its place. It is read, checked, kept and deleted on a thread of
/// its own, since all of that may block; everything else happens on the main thread.
class Reloader
{
public:
    /// Who uses the configuration, and outlives the reloader.
    class User
    {
    public:
        virtual void applied(const std::shared_ptr<const dispatch::Snapshot>& snapshot,
                             const net::ResolverSettings& resolver) = 0;
        virtual void refused(const std::vector<std::string>& faults) = 0;

        /// Told when a reload came to its end.
        virtual void reloaded() = 0;

    protected:
        ~User() = default;
    };
    using Outcome = control::ReloadOutcome;

    /// `started`: what the daemon starts with. `last_good`: where to keep what is applied; null: nowhere.
    Reloader(net::asio::io_context& context, Loader& loader, const LastGood* last_good, const Listeners& listeners,
             Loaded started, status::ConfigurationInForce in_force, User& user, log::Log& log);

    const std::shared_ptr<const dispatch::Snapshot>& snapshot() const { return snapshot_; }
    const net::ResolverSettings& resolver() const { return resolver_; }
    const status::ConfigurationInForce& in_force() const { return in_force_; }
    const std::optional<control::LastReload>& last_reload() const { return last_reload_; }
    const LastGood* last_good() const { return last_good_; }

    /// Returns what the daemon was started with: some settings stay so until a restart.
    const config::ServerSettings& started_with() const { return started_with_; }

    /// Keeps what a start that succeeded applied, for a start that finds a faulty configuration.
    void keep_started();

    void reload(std::function<void(Outcome)> done);

    /// Says what a reload would change, and applies nothing.
    void rehearse(std::function<void(control::RehearsalOutcome)> done);

    /// Reads `file` (none: the daemon's own) as a reload would, and applies nothing.
    void check(std::optional<std::string> file, std::function<void(control::CheckOutcome)> done);

    /// Stops waiting to delete what is not in use, since the daemon stops.
    void drain();

    /// Waits for the end of what is read or deleted.
    void join() { loading_.join(); }

private:
    using Read = boost::system::result<Loaded, config::Faults>;

    Outcome take(Read loaded);
    void apply(Loaded loaded, Outcome& outcome);
    void refuse(const config::Faults& faults, Outcome& outcome);
    std::vector<std::string> not_before_restart(const config::ServerSettings& wanted) const;
    control::CheckOutcome outcome_of(const std::filesystem::path& file, const Read& checked) const;
    void keep(config::SourceTexts files);
    void retire(std::shared_ptr<const dispatch::Snapshot> snapshot);
    void bury_retired();

    net::asio::io_context& context_;
    net::asio::thread_pool loading_{1};
    Loader& loader_;
    const LastGood* last_good_;
    const Listeners& listeners_;
    User& user_;
    log::Log& log_;
    std::shared_ptr<const dispatch::Snapshot> snapshot_;
    net::ResolverSettings resolver_;
    config::SourceTexts files_to_keep_; ///< of the start, until they are kept
    status::ConfigurationInForce in_force_;
    const config::ServerSettings started_with_;
    std::optional<control::LastReload> last_reload_;

    /// Configurations that calls under way may still use; the last reference is given up on the loading thread, since a
    /// large one takes milliseconds to delete.
    std::vector<std::shared_ptr<const dispatch::Snapshot>> retired_;
    net::SteadyTimer retirement_;
    bool draining_ = false;
};

} // namespace dialhook::daemon
