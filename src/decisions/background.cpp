#include "decisions/background.hpp"

#include "dispatch/policy/backoff.hpp"
#include "net/loop/pause.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <random>
#include <utility>

namespace dialhook::dispatch {
namespace {

constexpr std::chrono::minutes patience{1};

/// No call waits, so the retries are further apart than those of a call: 2, 4, 8… times.
std::chrono::milliseconds long_backoff(unsigned retry, std::uint_fast32_t random)
{
    return 5 * backoff(retry, random) + std::chrono::milliseconds(20);
}

/// Returns whether a retry may end differently.
bool may_pass(std::optional<Reason> reason)
{
    switch (reason.value_or(Reason::nak)) {
    case Reason::timeout:
    case Reason::dns:
    case Reason::connect:
    case Reason::tls:
    case Reason::http_status:
    case Reason::overload:
    case Reason::circuit_open:
        return true;
    default:
        return false;
    }
}

} // namespace

Background::Job::Job(Background& owner)
    : background(owner)
{
    background.jobs_.push_back(*this);
    ++background.count_;
}

Background::Job::~Job()
{
    unlink();
    if (--background.count_ == 0 && background.finished_)
        background.finished_();
}

void Background::dispatch(std::shared_ptr<const Snapshot> snapshot, const ResolvedWebhook& resolved, Call call)
{
    if (count_ == max_jobs)
        return count_dropped(resolved, DispatchResult(Decision::failure(Reason::overload)),
                             "queue full: 10,000 background requests of this thread wait already");
    net::asio::co_spawn(context_.get_executor(), run(std::move(snapshot), resolved, std::move(call)),
                        net::asio::detached);
}

net::Awaitable<void> Background::run(std::shared_ptr<const Snapshot> snapshot, const ResolvedWebhook& resolved,
                                     Call call)
{
    Job job(*this);
    std::minstd_rand random(std::random_device{}());
    const net::TimePoint give_up_at = net::Clock::now() + patience;
    for (unsigned retry = 0; !stopped_; ++retry) {
        net::Cancellation cancellation;
        job.cancellation = &cancellation;
        const auto result = co_await dispatcher_.dispatch(*snapshot, resolved, {.call = call}, cancellation);
        job.cancellation = nullptr;
        if (!may_pass(result->decision.reason()) && result->decision.reason() != Reason::shutdown) {
            decisions_.take_background(resolved, *result);
            co_return;
        }
        const net::TimePoint next_at = net::Clock::now() + long_backoff(retry, random());
        if (finished_ || stopped_ || next_at > give_up_at) {
            count_dropped(resolved, *result, to_string(*result->decision.reason()));
            co_return;
        }
        net::Cancellation end_of_pause;
        job.cancellation = &end_of_pause;
        co_await net::pause(wheel_, next_at, end_of_pause);
        job.cancellation = nullptr;
        if (end_of_pause.requested()) {
            count_dropped(resolved, *result, to_string(*result->decision.reason()));
            co_return;
        }
        resolved.state->metrics.of(metrics_.share).retries.add();
    }
}

void Background::count_dropped(const ResolvedWebhook& resolved, const DispatchResult& result, std::string_view why)
{
    decisions_.take_background(resolved, result);
    metrics_.dropped.add();
    const std::string& webhook = resolved.webhook->name.str();
    log_.write_summed(log::Level::warning, "background request dropped", webhook,
                      {{"webhook", webhook}, {"detail", why}});
}

void Background::drain(std::function<void()> finished)
{
    finished_ = std::move(finished);
    if (count_ == 0)
        finished_();
}

void Background::stop()
{
    stopped_ = true;
    // Each cancellation may end its job at once, which then unlinks itself.
    for (auto job = jobs_.begin(); job != jobs_.end();) {
        Job& next = *job++;
        if (next.cancellation != nullptr)
            next.cancellation->request(net::CancelReason::shutdown);
    }
}

} // namespace dialhook::dispatch
