#include "daemon/daemon.hpp"

#include "base/utc.hpp"
#include "daemon/admission.hpp"
#include "daemon/process.hpp"
#include "daemon/test_switches.hpp"
#include "version.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <sys/signalfd.h>
#include <systemd/sd-daemon.h>

#include <csignal>
#include <cstdlib>

namespace dialhook::daemon {
namespace {

constexpr std::chrono::seconds time_to_send_last_answers{1};

} // namespace

Daemon::Daemon(Loader& loader, Start start, log::Log& log)
    : log_(log)
    , listeners_(start.loaded.snapshot->configuration().server, std::move(start.passed))
    , last_words_(std::filesystem::path(listeners_.control.path()).parent_path())
    , reloader_(context_, loader, start.last_good, listeners_, std::move(start.loaded), std::move(start.in_force),
                *this, log)
    , control_(context_,
               {[this] { return control::status_json(status_now()); },
                [this] { return control::webhooks_json(in_use()); },
                [this](const std::string& did) { return control::plan_json(in_use(), did); },
                [this](auto done) { reloader_.reload(std::move(done)); },
                [this](auto file, auto done) { reloader_.check(std::move(file), std::move(done)); },
                [this](std::size_t limit, Told told) { observer_->report_top(limit, on_main_thread(std::move(told))); },
                [this](control::DecisionsWanted wanted, Told told) {
                    observer_->report_decisions(std::move(wanted.cursor), std::move(wanted.webhook), wanted.limit,
                                                on_main_thread(std::move(told)));
                },
                [this](const std::string& params, std::function<void(control::Answer)> answered) {
                    dry_run(params, std::move(answered));
                }},
               log_)
    , engine_acceptor_(
          context_, {}, listeners_.engine.release(),
          [this](net::UnixSocket socket) { adopt_engine(std::move(socket)); }, log_)
    , control_acceptor_(
          context_, {}, listeners_.control.release(),
          [this](net::UnixSocket socket) { control_.adopt(std::move(socket)); }, log_)
    , signals_(context_, open_signals())
    , drain_limit_(context_)
{
    if (const auto& listener = listeners_.fastagi)
        channel_acceptor_.emplace(
            context_, listener->address.protocol(), listener->socket,
            [this](net::TcpSocket socket) { adopt_channel(std::move(socket)); }, log_);
    for (unsigned index = 0; index < started_with().threads; ++index)
        workers_.push_back(std::make_unique<Worker>(dispatch::ThreadShare{index, started_with().threads},
                                                    reloader_.resolver(), reloader_.snapshot(), asked_channels_, log_));
    observer_.emplace(sources());
    if (const auto& listener = listeners_.http)
        http_acceptor_.emplace(
            context_, listener->address.protocol(), listener->socket,
            [this](net::TcpSocket socket) { adopt_watcher(std::move(socket)); }, log_);
    watchdog_.emplace(context_, workers_, [this] { tell_state(); });
    net::asio::co_spawn(context_.get_executor(), take_signals(), net::asio::detached);
}

status::Sources Daemon::sources() const
{
    status::Sources sources;
    for (const auto& worker : workers_)
        sources.workers.push_back({&worker->metrics(), &worker->connections(), &worker->decisions()});
    sources.snapshot = reloader_.snapshot();
    sources.started_at = std::chrono::system_clock::now();
    sources.reloads.last_success = in_force().since;
    sources.configuration = in_force();
    return sources;
}

control::DaemonStatus Daemon::status_now() const
{
    control::DaemonStatus status{.snapshot = in_use(),
                                 .in_force = in_force(),
                                 .last_reload = reloader_.last_reload(),
                                 .last_good = {},
                                 .socket = listeners_.engine.path(),
                                 .draining = draining_,
                                 .started_at = started_at_,
                                 .log_dropped = log_.dropped(),
                                 .workers = sources().workers};
    if (const LastGood* const last_good = reloader_.last_good())
        status.last_good = last_good->file().string();
    return status;
}

void Daemon::run()
{
    for (const config::Fault& warning : in_use().configuration().warnings)
        log_.write(log::Level::warning, warning.str());
    log_.write(log::Level::info, "ready",
               {{"version", version},
                {"config", in_force().file},
                {"socket", listeners_.engine.path()},
                {"webhooks", in_use().webhooks().size()},
                {"threads", started_with().threads}});
    for (const std::string& message : listeners_.overruled(started_with()))
        log_.write(log::Level::warning, message);
    say_what_is_stale();
    last_words_.forget();
    ::sd_notify(0, "READY=1");
    tell_state();
    reloader_.keep_started();
    context_.run();
    reloader_.join();
    observer_->stop();
    workers_.clear();
    last_words_.leave({"it was stopped"}, 0);
    log_.write(log::Level::info, "stopped");
}

void Daemon::say_what_is_stale()
{
    if (!in_force().stale)
        return;
    log_.write(log::Level::error, "configuration refused; the last good one is in force, repair it and reload",
               {{"config", in_force().file}, {"faults", in_force().faults.size()}, {"applied", utc(in_force().since)}});
    for (std::size_t at = 0; at < in_force().faults.size() && at < max_logged_faults; ++at)
        log_.write(log::Level::error, in_force().faults[at]);
}

std::string Daemon::state_text() const
{
    const auto counted = [](std::size_t count, std::string_view noun) {
        return std::to_string(count) + ' ' + std::string(noun) + (count == 1 ? "" : "s");
    };
    std::string text;
    if (in_force().stale)
        text = "STALE configuration, applied " + utc(in_force().since) + ": " + in_force().file + " has " +
               counted(in_force().faults.size(), "fault") + "; ";
    else if (in_force().refused_at)
        text =
            "reload refused " + utc(*in_force().refused_at) + ": " + counted(in_force().faults.size(), "fault") + "; ";
    std::uint64_t in_flight = 0;
    for (const auto& worker : workers_)
        in_flight += worker->metrics().in_flight.value();
    return text + "version " + std::string(version) + ", " + counted(in_use().webhooks().size(), "webhook") + ", " +
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
    if (!may_ask(socket, in_use().configuration().server.peers, log_))
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
    if (!may_ask(peer.address(), in_use().configuration().server.fastagi, log_))
        return;
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

void Daemon::applied(const std::shared_ptr<const dispatch::Snapshot>& snapshot, const net::ResolverSettings& resolver)
{
    for (const auto& worker : workers_)
        worker->apply(snapshot, resolver);
    observer_->apply(snapshot);
}

void Daemon::refused(const std::vector<std::string>& faults)
{
    observer_->refuse_reload(faults);
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
            reloader_.reload([](const control::ReloadOutcome&) {});
        else if (!draining_)
            begin_stop();
        else
            std::_Exit(EXIT_FAILURE); // asked twice: at once, then
    }
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
    reloader_.drain();
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
        worker->cancel_calls();
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
