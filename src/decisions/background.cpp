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

/// Nobody waits, so the tries may lie further apart than those of a call: 2, 4, 8… times as far.
std::chrono::milliseconds long_backoff(unsigned retry, std::uint_fast32_t random)
{
    return 5 * backoff(retry, random) + std::chrono::milliseconds(20);
}

/// Whether another try may come to something else.
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

void Background::fire(std::shared_ptr<const Snapshot> snapshot, const Hook& hook, Call call)
{
    if (count_ == most_jobs)
        return lose(hook, Fired(Decision::failure(Reason::overload)),
                    "queue full: 10,000 background requests of this thread wait already");
    net::asio::co_spawn(context_.get_executor(), run(std::move(snapshot), hook, std::move(call)), net::asio::detached);
}

net::Awaitable<void> Background::run(std::shared_ptr<const Snapshot> snapshot, const Hook& hook, Call call)
{
    Job job(*this);
    std::minstd_rand random(std::random_device{}());
    const net::TimePoint give_up_at = net::Clock::now() + patience;
    for (unsigned retry = 0; !stopped_; ++retry) {
        net::Stop stop;
        job.stop = &stop;
        const auto fired = co_await dispatcher_.fire(*snapshot, hook, {.call = call}, stop);
        job.stop = nullptr;
        if (!may_pass(fired->decision.reason()) && fired->decision.reason() != Reason::shutdown) {
            decisions_.take_background(hook, *fired);
            co_return;
        }
        const net::TimePoint next_at = net::Clock::now() + long_backoff(retry, random());
        if (finished_ || stopped_ || next_at > give_up_at) {
            lose(hook, *fired, to_string(*fired->decision.reason()));
            co_return;
        }
        net::Stop end_of_pause;
        job.stop = &end_of_pause;
        co_await net::pause(wheel_, next_at, end_of_pause);
        job.stop = nullptr;
        if (end_of_pause.requested()) {
            lose(hook, *fired, to_string(*fired->decision.reason()));
            co_return;
        }
        hook.state->tallies.of(tally_.share).retries.add();
    }
}

void Background::lose(const Hook& hook, const Fired& fired, std::string_view why)
{
    decisions_.take_background(hook, fired);
    tally_.lost.add();
    const std::string& webhook = hook.webhook->name.str();
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
    // Each stop may end its job at once, which then takes itself off the list.
    for (auto job = jobs_.begin(); job != jobs_.end();) {
        Job& next = *job++;
        if (next.stop != nullptr)
            next.stop->request(net::StopCause::shutdown);
    }
}

} // namespace dialhook::dispatch
