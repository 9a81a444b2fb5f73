#include "delivery/courier.hpp"

#include "delivery/event_delivery.hpp"
#include "delivery/judge.hpp"
#include "dispatch/signature.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <exception>
#include <pthread.h>
#include <utility>
#include <variant>

namespace dialhook::delivery {
namespace {

using Outcome = spool::Attempted::Outcome;

/// Returns null if `notification` has no such URL any more.
const events::NotificationUrl* url_of(const events::Notification& notification, const std::string& shown)
{
    const auto found = std::ranges::find(notification.urls, shown, events::shown);
    return found == notification.urls.end() ? nullptr : &*found;
}

const dispatch::EventEndpoint* endpoint_of(const dispatch::ResolvedNotification& resolved, const UrlTemplate& url)
{
    return &*std::ranges::find(resolved.endpoints, &url, &dispatch::EventEndpoint::url);
}

} // namespace

Courier::Job::Job(Courier& owner)
    : courier(owner)
{
    courier.jobs_.push_back(*this);
}

Courier::Job::~Job()
{
    unlink();
    if (courier.jobs_.empty() && courier.finished_)
        courier.finished_();
}

/// As on a worker: one thread runs the loop and uses its sockets, and others may only post to it.
Courier::Courier(const net::ResolverSettings& resolver, std::shared_ptr<const dispatch::Snapshot> snapshot,
                 std::size_t max_idle, Conclude conclude, log::Log& log)
    : context_(BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO)
    , poller_(context_)
    , wheel_(context_)
    , client_(context_, poller_, wheel_, resolver, max_idle)
    , nats_(context_, poller_, wheel_, resolver)
    , metrics_(dispatch::ThreadShare::of_thread_behind_calls())
    , ring_(std::make_shared<dispatch::DecisionRing>())
    , decisions_(metrics_, *ring_, log)
    , dispatcher_(client_, wheel_, metrics_)
    , conclude_(std::move(conclude))
    , log_(log)
    , snapshot_(std::move(snapshot))
    , work_(context_.get_executor())
{
    log_.add(std::make_shared<dispatch::DecisionFeed>(ring_));
    thread_ = std::thread([this] { run(); });
}

Courier::~Courier()
{
    stop();
}

void Courier::run()
{
    ::pthread_setname_np(::pthread_self(), "dialhook-tell");
    while (true) {
        try {
            context_.run();
            return;
        } catch (const std::exception& error) {
            log_.write(log::Level::error, "unexpected exception on an event loop", {{"detail", error.what()}});
        }
    }
}

void Courier::carry(spool::Parcel parcel)
{
    net::asio::post(context_, [this, parcel = std::move(parcel)]() mutable { begin(std::move(parcel)); });
}

void Courier::begin(spool::Parcel parcel)
{
    if (!finished_ && !cancelled_)
        net::asio::co_spawn(context_.get_executor(), bring(std::move(parcel)), net::asio::detached);
}

net::Awaitable<void> Courier::bring(spool::Parcel parcel)
{
    Job job(*this);
    spool::Attempted attempted = failed("out of memory");
    try {
        attempted = co_await attempt(parcel, job.cancellation);
    } catch (const std::exception& error) { // each parcel is concluded, whatever happens
        attempted.detail = error.what();
    }
    conclude_(parcel.id, attempted); // before the log says it: whoever reads that may count on it
    if (attempted.outcome != Outcome::delivered)
        warn(parcel, attempted);
}

net::Awaitable<spool::Attempted> Courier::attempt(const spool::Parcel& parcel, net::Cancellation& cancellation)
{
    if (const auto* const event = std::get_if<events::CallEvent>(&parcel.content))
        return tell(snapshot_, parcel, *event, cancellation, nullptr);
    return dispatch(parcel, std::get<Call>(parcel.content), cancellation);
}

net::Awaitable<spool::Attempted> Courier::tell(std::shared_ptr<const dispatch::Snapshot> snapshot,
                                               const spool::Parcel& parcel, const events::CallEvent& event,
                                               net::Cancellation& cancellation,
                                               std::vector<dispatch::ExchangeReport>* exchanges)
{
    const auto* const resolved = snapshot->find_notification(parcel.target.name);
    const auto* const url = resolved == nullptr ? nullptr : url_of(*resolved->notification, parcel.target.url);
    if (url == nullptr)
        co_return failed("the configuration has no such notification any more");
    const net::Deadline deadline(wheel_, cancellation, net::Clock::now() + resolved->notification->timeout);
    if (const auto* const nats = std::get_if<events::NatsUrl>(url)) {
        auto attempted = co_await nats_.deliver({*snapshot, *resolved, *nats, event, parcel.webhook_id}, cancellation);
        co_return attempted;
    }
    const dispatch::EventEndpoint* const endpoint = endpoint_of(*resolved, std::get<UrlTemplate>(*url));
    const EventDelivery delivery{*snapshot, *resolved, *endpoint, event, parcel.webhook_id, exchanges};
    co_return co_await deliver(client_, delivery, cancellation);
}

net::Awaitable<spool::Attempted> Courier::dispatch(const spool::Parcel& parcel, const Call& call,
                                                   net::Cancellation& cancellation)
{
    const auto snapshot = snapshot_;
    const auto* const resolved = snapshot->find(parcel.target.name);
    if (resolved == nullptr)
        co_return failed("the configuration has no such webhook any more");
    if (parcel.attempt > 1)
        resolved->state->metrics.of(metrics_.share).retries.add();
    const auto result = co_await dispatcher_.dispatch(*snapshot, *resolved,
                                                      {.call = call, .parcel_id = &parcel.webhook_id}, cancellation);
    auto attempted = judge(result->decision);
    // A decision for each call, not for each attempt.
    if (attempted.outcome == Outcome::delivered || is_last(parcel, std::chrono::system_clock::now()))
        decisions_.take_behind_call(*resolved, *result);
    co_return attempted;
}

void Courier::test(std::string notification, std::function<void(std::optional<EventTest>)> done)
{
    net::asio::post(context_, [this, notification = std::move(notification), done = std::move(done)]() mutable {
        const auto* const resolved = snapshot_->find_notification(notification);
        if (resolved == nullptr || finished_ || cancelled_)
            return done(std::nullopt);
        std::string webhook_id = dispatch::new_webhook_id();
        const std::string_view unique = std::string_view(webhook_id).substr(webhook_id.find('_') + 1);
        auto event = made_up_event(*resolved->notification, unique, std::chrono::system_clock::now());
        EventTest test{snapshot_, resolved, std::move(event), std::move(webhook_id), {}};
        net::asio::co_spawn(context_.get_executor(), run_test(std::move(test), std::move(done)), net::asio::detached);
    });
}

net::Awaitable<void> Courier::run_test(EventTest test, std::function<void(std::optional<EventTest>)> done)
{
    for (const events::NotificationUrl& url : test.resolved->notification->urls) {
        if (finished_ || cancelled_)
            co_return done(std::nullopt);
        Job job(*this); // one each: what the time-out of one URL cancels must not be cancelled for the next
        const spool::Parcel parcel{.id = 0,
                                   .webhook_id = test.webhook_id,
                                   .attempt = 1,
                                   .target = {test.resolved->notification->name.str(), events::shown(url)},
                                   .reported_at = test.event.at,
                                   .expires_at = test.event.at,
                                   .content = test.event};
        TestedUrl tested{
            .url = parcel.target.url, .attempted = failed("out of memory"), .elapsed = {}, .exchanges = {}};
        const auto began = net::Clock::now();
        try {
            tested.attempted = co_await tell(test.snapshot, parcel, test.event, job.cancellation, &tested.exchanges);
        } catch (const std::exception& error) {
            tested.attempted.detail = error.what();
        }
        tested.elapsed = net::Clock::now() - began;
        test.urls.push_back(std::move(tested));
    }
    done(std::move(test));
}

/// Each target in full once, then summed up: a web server that is down may fail thousands of times.
void Courier::warn(const spool::Parcel& parcel, const spool::Attempted& attempted)
{
    const auto& [name, url] = parcel.target;
    if (parcel.target.is_webhook())
        log_.write_summed(log::Level::warning, "a request that no call waits for fails, and is tried again", name,
                          {{"webhook", name}, {"attempt", parcel.attempt}, {"detail", attempted.detail}});
    else
        log_.write_summed(
            log::Level::warning,
            attempted.outcome == Outcome::gone
                ? "a notification is switched off until a reload: its web server says that it is gone"
                : "an event is not delivered, and is tried again",
            name + ' ' + url,
            {{"notification", name}, {"url", url}, {"attempt", parcel.attempt}, {"detail", attempted.detail}});
}

void Courier::use(std::shared_ptr<const dispatch::Snapshot> snapshot, net::ResolverSettings resolver)
{
    net::asio::post(context_, [this, snapshot = std::move(snapshot), resolver = std::move(resolver)]() mutable {
        client_.configure(resolver);
        nats_.use(*snapshot, std::move(resolver));
        snapshot_ = std::move(snapshot);
    });
}

void Courier::drain(std::function<void()> finished)
{
    net::asio::post(context_, [this, finished = std::move(finished)]() mutable {
        finished_ = std::move(finished);
        client_.close_idle();
        if (jobs_.empty())
            finished_();
    });
}

void Courier::cancel()
{
    net::asio::post(context_, [this] { cancel_jobs(); });
}

void Courier::cancel_jobs()
{
    cancelled_ = true;
    // Each cancellation may end its job at once, which then unlinks itself.
    for (auto job = jobs_.begin(); job != jobs_.end();)
        (job++)->cancellation.request(net::CancelReason::shutdown);
}

void Courier::stop()
{
    if (!thread_.joinable())
        return;
    net::asio::post(context_, [this] {
        cancel_jobs();
        nats_.close();
        client_.close();
        wheel_.close();
        work_.reset(); // the loop ends after the handlers of all closed sockets
    });
    thread_.join();
}

} // namespace dialhook::delivery
