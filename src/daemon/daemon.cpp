#include "daemon/daemon.hpp"

#include "base/pace.hpp"
#include "base/utc.hpp"
#include "daemon/allocator.hpp"
#include "daemon/process.hpp"
#include "daemon/test_switches.hpp"
#include "net/transport/peer.hpp"
#include "version.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <sys/signalfd.h>
#include <systemd/sd-daemon.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <ctime>
#include <pthread.h>

namespace dialhook::daemon {
namespace {

constexpr std::chrono::seconds time_to_send_last_answers{1};
constexpr std::chrono::seconds retirement_check{1};

std::string monotonic_now()
{
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    return std::to_string(static_cast<long long>(now.tv_sec) * 1'000'000 + now.tv_nsec / 1000);
}

/// What is opened at a start alone, so that a reload proves nothing about it.
bool is_opened_at_start(const std::string& key)
{
    return key != "server.threads" && key != "server.log.format";
}

} // namespace

Daemon::Daemon(Loader& loader, Start start, log::Log& log)
    : loader_(loader)
    , last_good_(start.last_good)
    , log_(log)
    , snapshot_(std::move(start.loaded.snapshot))
    , files_to_keep_(std::move(start.loaded.files))
    , in_force_(std::move(start.in_force))
    , started_with_(snapshot_->configuration().server)
    , listeners_(started_with_, std::move(start.passed))
    , last_words_(std::filesystem::path(listeners_.control.path()).parent_path())
    , control_(context_,
               {[this] { return status_json(); }, [this] { return webhooks_json(); },
                [this](const std::string& did) { return plan_json(did); },
                [this](ReloadDone done) { reload(std::move(done)); },
                [this](std::optional<std::string> other, CheckDone done) { check(std::move(other), std::move(done)); },
                [this](std::size_t limit, Told told) { observer_->report_top(limit, on_main_thread(std::move(told))); },
                [this](control::DecisionsWanted wanted, Told told) {
                    observer_->report_decisions(std::move(wanted.cursor), std::move(wanted.webhook), wanted.limit,
                                                on_main_thread(std::move(told)));
                },
                [this](const std::string& params, std::function<void(control::Answer)> answered) {
                    try_out(params, std::move(answered));
                }},
               log_)
    , engine_acceptor_(
          context_, {}, listeners_.engine.release(),
          [this](net::UnixSocket socket) { adopt_engine(std::move(socket)); }, log_)
    , control_acceptor_(
          context_, {}, listeners_.control.release(),
          [this](net::UnixSocket socket) { control_.adopt(std::move(socket)); }, log_)
    , signals_(context_, open_signals())
    , retirement_(context_)
    , drain_limit_(context_)
{
    if (const auto& listener = listeners_.fastagi)
        channel_acceptor_.emplace(
            context_, listener->address.protocol(), listener->socket,
            [this](net::TcpSocket socket) { adopt_channel(std::move(socket)); }, log_);
    for (unsigned index = 0; index < started_with_.threads; ++index)
        workers_.push_back(std::make_unique<Worker>(dispatch::ThreadShare{index, started_with_.threads},
                                                    start.loaded.resolver, snapshot_, asked_channels_, log_));
    observer_.emplace(sources());
    if (const auto& listener = listeners_.http)
        http_acceptor_.emplace(
            context_, listener->address.protocol(), listener->socket,
            [this](net::TcpSocket socket) { adopt_watcher(std::move(socket)); }, log_);
    net::asio::post(loading_, [] {
        ::pthread_setname_np(::pthread_self(), "dialhook-load");
        use_own_arena();
    });
    watchdog_.emplace(context_, workers_, [this] { tell_state(); });
    net::asio::co_spawn(context_.get_executor(), take_signals(), net::asio::detached);
}

status::Sources Daemon::sources() const
{
    status::Sources sources;
    for (const auto& worker : workers_)
        sources.workers.push_back({&worker->tally(), &worker->connections(), &worker->decisions()});
    sources.snapshot = snapshot_;
    sources.started_at = std::chrono::system_clock::now();
    sources.reloads.last_success = in_force_.since;
    sources.configuration = in_force_;
    return sources;
}

void Daemon::run()
{
    for (const config::Fault& warning : in_use().configuration().warnings)
        log_.write(log::Level::warning, warning.str());
    log_.write(log::Level::info, "ready",
               {{"version", version},
                {"config", in_force_.file},
                {"socket", listeners_.engine.path()},
                {"webhooks", in_use().hooks().size()},
                {"threads", started_with_.threads}});
    for (const std::string& message : listeners_.overruled(started_with_))
        log_.write(log::Level::warning, message);
    say_what_is_stale();
    last_words_.forget();
    ::sd_notify(0, "READY=1");
    tell_state();
    if (!in_force_.stale)
        keep(std::move(files_to_keep_));
    context_.run();
    loading_.join();
    observer_->stop();
    workers_.clear();
    last_words_.leave({"it was stopped"}, 0);
    log_.write(log::Level::info, "stopped");
}

void Daemon::say_what_is_stale()
{
    if (!in_force_.stale)
        return;
    log_.write(
        log::Level::error, "configuration refused; the last good one is in force, repair it and reload",
        {{"config", in_force_.file}, {"faults", in_force_.faults.size()}, {"applied", status::utc(in_force_.since)}});
    for (std::size_t at = 0; at < in_force_.faults.size() && at < most_logged_faults; ++at)
        log_.write(log::Level::error, in_force_.faults[at]);
}

/// Keeps what was applied for a start that finds a faulty configuration. On the loading thread: a disk may be slow.
void Daemon::keep(std::vector<config::SourceText> files)
{
    if (last_good_ == nullptr)
        return;
    net::asio::post(loading_, [this, saved = config::SavedConfiguration{in_force_.since, std::move(files)}]() mutable {
        const Pace pace;
        if (const auto fault = last_good_->keep(std::move(saved)))
            log_.write(log::Level::warning,
                       "the configuration in force cannot be kept; a start with a faulty one would have none to fall "
                       "back on",
                       {{"detail", *fault}});
    });
}

std::string Daemon::state_text() const
{
    const auto counted = [](std::size_t count, std::string_view noun) {
        return std::to_string(count) + ' ' + std::string(noun) + (count == 1 ? "" : "s");
    };
    std::string text;
    if (in_force_.stale)
        text = "STALE configuration, applied " + status::utc(in_force_.since) + ": " + in_force_.file + " has " +
               counted(in_force_.faults.size(), "fault") + "; ";
    else if (in_force_.refused_at)
        text = "reload refused " + status::utc(*in_force_.refused_at) + ": " +
               counted(in_force_.faults.size(), "fault") + "; ";
    std::uint64_t in_flight = 0;
    for (const auto& worker : workers_)
        in_flight += worker->tally().in_flight.value();
    return text + "version " + std::string(version) + ", " + counted(in_use().hooks().size(), "webhook") + ", " +
           counted(in_flight, "call") + " in flight" + (draining_ ? ", stopping" : "");
}

/// Tells `systemctl status` when something has changed. Never called for each call.
void Daemon::tell_state()
{
    std::string state = state_text();
    if (state == told_state_)
        return;
    told_state_ = std::move(state);
    ::sd_notify(0, ("STATUS=" + told_state_).c_str());
}

void Daemon::adopt_engine(net::UnixSocket socket)
{
    if (!may_ask(socket))
        return;
    net::error_code error;
    const int descriptor = socket.release(error);
    workers_[next_worker_++ % workers_.size()]->adopt_engine(descriptor);
}

void Daemon::adopt_channel(net::TcpSocket socket)
{
    net::error_code error;
    const auto peer = socket.remote_endpoint(error);
    if (error)
        return; // gone already
    auto address = peer.address();
    if (address.is_v6() && address.to_v6().is_v4_mapped())
        address = net::asio::ip::make_address_v4(net::asio::ip::v4_mapped, address.to_v6());
    const auto& allowed = in_use().configuration().server.fastagi.allow;
    if (std::none_of(allowed.begin(), allowed.end(), [&](const auto& network) { return network.contains(address); })) {
        const std::string from = address.to_string();
        log_.write_summed(log::Level::warning, "FastAGI connection refused: its address is not in server.fastagi_allow",
                          from, {{"address", from}});
        return;
    }
    const int descriptor = socket.release(error);
    workers_[next_worker_++ % workers_.size()]->adopt_channel(descriptor, peer.protocol());
}

void Daemon::adopt_watcher(net::TcpSocket socket)
{
    net::error_code error;
    const auto peer = socket.remote_endpoint(error);
    if (error)
        return; // gone already
    const int descriptor = socket.release(error);
    observer_->adopt(descriptor, peer.protocol());
}

/// `told`, to be called from another thread.
Daemon::Told Daemon::on_main_thread(Told told)
{
    return [this, told = std::move(told)](std::string text) {
        net::asio::post(context_, [told, text = std::move(text)]() mutable { told(std::move(text)); });
    };
}

bool Daemon::may_ask(net::UnixSocket& socket) const
{
    const config::PeerSettings& allowed = in_use().configuration().server.peers;
    if (allowed.users.empty() && allowed.groups.empty())
        return true;
    const auto peer = net::peer_of(socket);
    const auto holds = [](const auto& list, auto value) {
        return std::find(list.begin(), list.end(), value) != list.end();
    };
    const bool may = peer && (holds(allowed.users, peer->user) ||
                              std::any_of(peer->groups.begin(), peer->groups.end(),
                                          [&](gid_t group) { return holds(allowed.groups, group); }));
    if (!may) {
        const std::int64_t user = peer ? static_cast<std::int64_t>(peer->user) : -1;
        log_.write_summed(
            log::Level::warning,
            "engine refused: its user is not in server.allow_users, and none of its groups is in server.allow_groups",
            std::to_string(user), {{"uid", user}, {"pid", peer ? peer->process : -1}});
    }
    return may;
}

net::Awaitable<void> Daemon::take_signals()
{
    while (true) {
        signalfd_siginfo signal{};
        const auto [error, size] =
            co_await signals_.async_read_some(net::asio::buffer(&signal, sizeof signal), net::as_result);
        if (error || size != sizeof signal)
            co_return;
        if (was_test_switch(static_cast<int>(signal.ssi_signo), *workers_.front(), log_))
            continue;
        if (signal.ssi_signo == SIGHUP)
            reload([](const control::ReloadOutcome&) {});
        else if (!draining_)
            begin_stop();
        else
            std::_Exit(EXIT_FAILURE); // asked twice: whoever did it wants no order any more
    }
}

void Daemon::reload(ReloadDone done)
{
    ::sd_notify(0, ("RELOADING=1\nMONOTONIC_USEC=" + monotonic_now()).c_str());
    net::asio::post(loading_, [this, before = snapshot_, done = std::move(done)]() mutable {
        const Pace pace;
        std::string log_fault = log_.reopen(); // whatever becomes of the configuration: it may have been logrotate
        auto loaded = loader_.load(before.get());
        before.reset();
        net::asio::post(context_, [this, log_fault = std::move(log_fault), loaded = std::move(loaded),
                                   done = std::move(done)]() mutable {
            control::ReloadOutcome outcome = apply(std::move(loaded));
            if (!log_fault.empty()) {
                log_.write(log::Level::error, log_fault);
                outcome.messages.push_back(std::move(log_fault));
            }
            done(outcome);
            ::sd_notify(0, "READY=1");
            tell_state();
        });
    });
}

control::ReloadOutcome Daemon::apply(boost::system::result<Loaded, config::Faults> loaded)
{
    control::ReloadOutcome outcome;
    outcome.applied = loaded.has_value();
    if (loaded) {
        const config::ServerSettings& wanted = loaded->snapshot->configuration().server;
        for (const config::Fault& warning : loaded->snapshot->configuration().warnings)
            outcome.messages.push_back(warning.str());
        const std::vector<std::string> later = not_before_restart(wanted);
        for (const std::string& key : later)
            outcome.messages.push_back(key + " changes only at a restart; everything else was applied");
        for (std::string& message : listeners_.overruled(wanted))
            outcome.messages.push_back(std::move(message));
        log_.set_level(wanted.log.level);
        retire(std::exchange(snapshot_, std::move(loaded->snapshot)));
        for (const auto& worker : workers_)
            worker->apply(snapshot_, loaded->resolver);
        observer_->apply(snapshot_);
        in_force_ = {std::move(in_force_.file), std::chrono::system_clock::now(), false, {}, {}};
        // What a restart would open has not been tried yet: the configuration that did start stays the last good one.
        if (std::ranges::none_of(later, is_opened_at_start))
            keep(std::move(loaded->files));
        log_.write(log::Level::info, "configuration reloaded", {{"webhooks", in_use().hooks().size()}});
    } else {
        for (const config::Fault& fault : loaded.error())
            if (!fault.is_warning)
                outcome.messages.push_back(fault.str());
        observer_->refuse_reload(outcome.messages);
        in_force_.refused_at = std::chrono::system_clock::now();
        in_force_.faults = outcome.messages;
        log_.write(log::Level::error, "configuration refused; the old one stays in use",
                   {{"faults", outcome.messages.size()}});
    }
    for (const std::string& message : outcome.messages)
        log_.write(outcome.applied ? log::Level::warning : log::Level::error, message);
    last_reload_ = {outcome, std::chrono::system_clock::now()};
    return outcome;
}

/// Which altered settings the running daemon cannot take over.
std::vector<std::string> Daemon::not_before_restart(const config::ServerSettings& wanted) const
{
    std::vector<std::string> keys;
    const auto compare = [&](std::string_view key, bool same) {
        if (!same)
            keys.push_back("server." + std::string(key));
    };
    const bool engine_is_passed = listeners_.engine.is_passed();
    const bool fastagi_is_passed = listeners_.fastagi && listeners_.fastagi->is_passed;
    const bool http_is_passed = listeners_.http && listeners_.http->is_passed;
    compare("socket", engine_is_passed || wanted.socket == started_with_.socket);
    compare("socket_mode", engine_is_passed || wanted.socket_mode == started_with_.socket_mode);
    compare("socket_group", engine_is_passed || wanted.socket_group == started_with_.socket_group);
    compare("control", listeners_.control.is_passed() || wanted.control == started_with_.control);
    compare("http", http_is_passed || wanted.http.listen == started_with_.http.listen);
    compare("fastagi", fastagi_is_passed || wanted.fastagi.listen == started_with_.fastagi.listen);
    compare("threads", wanted.threads == started_with_.threads);
    compare("log.format", wanted.log.format == started_with_.log.format);
    compare("log.file", wanted.log.file == started_with_.log.file);
    return keys;
}

void Daemon::retire(std::shared_ptr<const dispatch::Snapshot> snapshot)
{
    retired_.push_back(std::move(snapshot));
    bury_retired();
}

void Daemon::bury_retired()
{
    std::erase_if(retired_, [&](auto& snapshot) {
        if (snapshot.use_count() > 1)
            return false;
        net::asio::post(loading_, [last = std::move(snapshot)]() mutable {
            const Pace pace;
            last.reset();
        });
        return true;
    });
    if (retired_.empty() || draining_)
        return;
    retirement_.expires_after(retirement_check);
    retirement_.async_wait([this](net::error_code error) {
        if (!error)
            bury_retired();
    });
}

void Daemon::begin_stop()
{
    draining_ = true;
    const std::chrono::microseconds drain = in_use().configuration().server.drain;
    const auto limit = drain + 2 * time_to_send_last_answers; // a drain longer than TimeoutStopSec= is waited for
    ::sd_notify(0, ("STOPPING=1\nEXTEND_TIMEOUT_USEC=" + std::to_string(limit.count())).c_str());
    tell_state();
    log_.write(log::Level::info, "stopping: calls in flight get their answers, new ones are not accepted");
    engine_acceptor_.close();
    control_acceptor_.close();
    if (channel_acceptor_)
        channel_acceptor_->close();
    observer_->drain();
    retirement_.cancel();
    for (const auto& worker : workers_)
        worker->drain([this] {
            net::asio::post(context_, [this] {
                if (++workers_drained_ == workers_.size())
                    finish_stop();
            });
        });
    drain_limit_.expires_after(drain);
    drain_limit_.async_wait([this](net::error_code error) {
        if (!error)
            end_calls();
    });
}

void Daemon::end_calls()
{
    log_.write(log::Level::warning, "drain time over: the remaining calls fail with reason shutdown");
    for (const auto& worker : workers_)
        worker->stop_calls();
    drain_limit_.expires_after(time_to_send_last_answers);
    drain_limit_.async_wait([this](net::error_code error) {
        if (!error)
            finish_stop();
    });
}

void Daemon::finish_stop()
{
    drain_limit_.cancel();
    context_.stop();
}

} // namespace dialhook::daemon
