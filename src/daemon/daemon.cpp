#include "daemon/daemon.hpp"

#include "api/http/notifications.hpp"
#include "base/utc.hpp"
#include "daemon/admission.hpp"
#include "daemon/process.hpp"
#include "daemon/spool_settings.hpp"
#include "daemon/test_switches.hpp"
#include "version.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>

#include <csignal>
#include <cstdlib>

namespace dialhook::daemon {
namespace {

constexpr std::chrono::seconds time_to_send_last_answers{1};

/// Of the descriptors, what idle connections of the courier may have.
constexpr std::uint32_t share_of_courier = 16;

/// Returns the folder of `--state`, made if need be. A fault is the spool's to report.
std::filesystem::path state_folder(const LastGood* last_good)
{
    if (last_good == nullptr)
        return {};
    ::mkdir(last_good->folder().c_str(), 0700);
    return last_good->folder();
}

} // namespace

Daemon::Daemon(Loader& loader, Start start, log::Log& log)
    : log_(log)
    , listeners_(start.loaded.snapshot->configuration().server, std::move(start.passed))
    , last_words_(std::filesystem::path(listeners_.control.path()).parent_path())
    , reloader_(context_, loader, start.last_good, listeners_, std::move(start.loaded), std::move(start.in_force),
                *this, log)
    , state_folder_(state_folder(start.last_good))
    , spool_(spool_settings(in_use().configuration(), state_folder_), log)
    , courier_(
          reloader_.resolver(), reloader_.snapshot(), descriptor_limit() / share_of_courier,
          [this](std::int64_t parcel, spool::Attempted attempted) { spool_.conclude(parcel, std::move(attempted)); },
          log)
    , control_(context_, actions(), log_)
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
    if (const auto& listener = listeners_.engine_http)
        http_engine_acceptor_.emplace(
            context_, listener->address.protocol(), listener->socket,
            [this](net::TcpSocket socket) { adopt_http_engine(std::move(socket)); }, log_);
    for (unsigned index = 0; index < started_with().threads; ++index)
        workers_.push_back(std::make_unique<Worker>(dispatch::ThreadShare{index, started_with().threads},
                                                    reloader_.resolver(), reloader_.snapshot(), asked_channels_, spool_,
                                                    log_));
    spool_.start(courier_);
    observer_.emplace(sources());
    if (const auto& listener = listeners_.http)
        http_acceptor_.emplace(
            context_, listener->address.protocol(), listener->socket,
            [this](net::TcpSocket socket) { adopt_watcher(std::move(socket)); }, log_);
    watchdog_.emplace(context_, workers_, [this] { tell_state(); });
    net::asio::co_spawn(context_.get_executor(), take_signals(), net::asio::detached);
}

control::Actions Daemon::actions()
{
    return {
        .status = [this] { return control::status_json(status_now(spool_.counts())); },
        .webhooks = [this](const auto& pattern) { return control::webhooks_json(in_use(), pattern); },
        .notifications = [this] { return notifications(); },
        .plan = [this](const std::string& did) { return control::plan_json(in_use(), did); },
        .reload = [this](auto done) { reloader_.reload(std::move(done)); },
        .rehearse_reload = [this](auto done) { reloader_.rehearse(std::move(done)); },
        .check = [this](auto file, auto done) { reloader_.check(std::move(file), std::move(done)); },
        .top = [this](std::size_t limit, Told told) { observer_->report_top(limit, on_main_thread(std::move(told))); },
        .decisions =
            [this](control::DecisionsWanted wanted, Told told) {
                observer_->report_decisions(std::move(wanted.cursor), std::move(wanted.webhook), wanted.limit,
                                            on_main_thread(std::move(told)));
            },
        .dry_run = [this](const std::string& params, Answered answered) { dry_run(params, std::move(answered)); },
        .deliveries = [this](const std::string& params, Answered answered) { deliveries(params, std::move(answered)); },
        .replay = [this](const std::string& params, Answered answered) { replay(params, std::move(answered)); },
        .test = [this](const std::string& params, Answered answered) { test(params, std::move(answered)); },
    };
}

status::Sources Daemon::sources() const
{
    status::Sources sources;
    for (const auto& worker : workers_)
        sources.workers.push_back({&worker->metrics(), &worker->connections(), &worker->decisions()});
    sources.workers.push_back({&courier_.metrics(), &courier_.connections(), &courier_.decisions()});
    sources.spool = [this] { return spool_.counts(); };
    sources.snapshot = reloader_.snapshot();
    sources.started_at = std::chrono::system_clock::now();
    sources.reloads.last_success = in_force().since;
    sources.configuration = in_force();
    return sources;
}

control::DaemonStatus Daemon::status_now(const spool::Counts& counts) const
{
    control::DaemonStatus status{.snapshot = in_use(),
                                 .in_force = in_force(),
                                 .last_reload = reloader_.last_reload(),
                                 .last_good = {},
                                 .socket = listeners_.engine.path(),
                                 .draining = draining_,
                                 .started_at = started_at_,
                                 .log_dropped = log_.dropped(),
                                 .spool = counts,
                                 .threads = started_with().threads,
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
    say_what_is_not_kept();
    last_words_.forget();
    ::sd_notify(0, "READY=1");
    tell_state();
    reloader_.keep_started();
    context_.run();
    reloader_.join();
    end_threads();
    last_words_.leave({"it was stopped"}, 0);
    log_.write(log::Level::info, "stopped");
}

Daemon::~Daemon()
{
    end_threads();
}

/// What reads or hands over ends before what it reads or hands over to; the courier, to which the spool hands over, is
/// there until the spool has ended.
void Daemon::end_threads()
{
    observer_.reset();
    workers_.clear();
    courier_.stop();
    spool_.stop();
}

/// Calls go on without events, so this is no fault.
void Daemon::say_what_is_not_kept()
{
    const bool has_folder = !state_folder_.empty() || !started_with().spool.file.empty();
    if (!has_folder && !in_use().configuration().notifications->empty())
        log_.write(log::Level::warning, "no event is stored, because there is no folder for the spool; start dialhookd "
                                        "with --state DIR, or set server.spool");
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
    for (const std::string& trouble :
         status::event_trouble(spool_.counts(), in_use(), std::chrono::system_clock::now()))
        text += trouble + "; ";
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

/// The engine's identity shows in its handshake and its requests.
void Daemon::adopt_http_engine(net::TcpSocket socket)
{
    net::error_code error;
    const auto peer = socket.remote_endpoint(error);
    if (error)
        return; // gone already
    const int descriptor = socket.release(error);
    workers_[next_worker_++ % workers_.size()]->adopt_http_engine(descriptor, peer.protocol());
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

/// Returns `told`, to be called from another thread.
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
    courier_.use(snapshot, resolver); // before the spool has parcels for what is new
    spool_.configure(spool_settings(snapshot->configuration(), state_folder_));
    observer_->apply(snapshot);
    say_what_is_not_kept();
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
    if (http_engine_acceptor_)
        http_engine_acceptor_->close();
    observer_->drain();
    reloader_.drain();
    for (const auto& worker : workers_)
        worker->drain([this] {
            net::asio::post(context_, [this] {
                if (++workers_drained_ == workers_.size())
                    send_what_calls_left();
            });
        });
    drain_limit_.expires_after(drain);
    drain_limit_.async_wait([this](net::error_code error) {
        if (!error)
            end_calls();
    });
}

/// What the last calls left for the spool is carried once. Retries are the next daemon's.
void Daemon::send_what_calls_left()
{
    spool_.settle([this] { courier_.drain([this] { net::asio::post(context_, [this] { finish_stop(); }); }); });
}

void Daemon::end_calls()
{
    log_.write(log::Level::warning, "drain time over: the remaining calls fail with reason shutdown");
    for (const auto& worker : workers_)
        worker->cancel_calls();
    courier_.cancel();
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
