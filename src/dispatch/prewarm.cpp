#include "dispatch/prewarm.hpp"

#include "net/loop/event.hpp"
#include "net/loop/pause.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>

namespace dialhook::dispatch {
namespace {

using namespace std::chrono_literals;

constexpr std::uint32_t max_openings = 32; ///< of one thread at once
constexpr std::chrono::milliseconds pace = 20ms;
constexpr std::chrono::milliseconds first_pause = 1s;
constexpr std::chrono::milliseconds max_pause = 30s;

/// A web server that closes a connection unused so soon wants none ahead of requests.
constexpr std::chrono::milliseconds short_life = 1s;

/// Doubled with every failure in a row, and between half and all of that, so that threads do not come back together.
std::chrono::milliseconds pause_after(unsigned failures, std::uint_fast32_t random)
{
    const auto longest = std::min(first_pause * (1U << std::min(failures, 10U)), max_pause);
    return longest / 2 + std::chrono::milliseconds(random % static_cast<std::uint64_t>(longest.count() / 2 + 1));
}

} // namespace

/// One target, and the webhooks that want connections to it.
struct Prewarm::WarmOrigin : std::enable_shared_from_this<WarmOrigin>
{
    std::shared_ptr<const Snapshot> snapshot; ///< has the webhooks
    std::vector<const ResolvedWebhook*> webhooks;
    net::Target target;
    std::size_t wanted = 0;

    net::Cancellation cancellation;
    net::Event changed; ///< a connection has ended, or `cancellation` was requested
    net::TimePoint opened_at{};
    bool is_refused = false; ///< one was closed unused, soon after it was opened
    unsigned failures = 0;   ///< in a row

    void lost(bool was_used) { is_refused |= !was_used && net::Clock::now() - opened_at < short_life; }
};

void Prewarm::use(const std::shared_ptr<const Snapshot>& snapshot)
{
    stop();
    for (const ResolvedWebhook* const resolved : snapshot->prewarmed()) {
        const std::uint32_t wanted = share_.of(resolved->webhook->prewarm);
        if (wanted == 0)
            continue;
        auto& origin = origins_[resolved->main.target];
        if (!origin) {
            origin = std::make_shared<WarmOrigin>();
            origin->snapshot = snapshot;
            origin->target = resolved->main.target;
        }
        origin->webhooks.push_back(resolved);
        origin->wanted += wanted;
    }
    for (const auto& [target, origin] : origins_) {
        // From within the end of a connection, which must not become the start of another one.
        client_.keep_open(target, origin->wanted, [this, known = std::weak_ptr(origin)](bool was_used) {
            const auto concerned = known.lock();
            if (!concerned)
                return;
            concerned->lost(was_used);
            net::asio::post(context_, [concerned] { concerned->changed.set(); });
        });
        net::asio::co_spawn(context_.get_executor(), keep(origin), net::asio::detached);
    }
}

void Prewarm::stop()
{
    for (auto& [target, origin] : std::exchange(origins_, {})) {
        client_.keep_open(target, 0, nullptr);
        origin->cancellation.request(net::CancelReason::shutdown);
    }
}

net::Awaitable<void> Prewarm::keep(std::shared_ptr<WarmOrigin> origin)
{
    while (!origin->cancellation.requested()) {
        if (!origin->is_refused && client_.open_to(origin->target) >= origin->wanted) {
            const net::TimePoint full_at = net::Clock::now();
            const net::OnCancel on_cancel(origin->cancellation, [&origin] { origin->changed.set(); });
            co_await origin->changed.wait();
            if (net::Clock::now() - full_at >= short_life)
                origin->failures = 0;
            continue;
        }
        bool is_open = false;
        if (!std::exchange(origin->is_refused, false))
            is_open = co_await open_one(*origin);
        const auto rest = is_open ? pace : pause_after(origin->failures++, random_());
        co_await net::pause(wheel_, net::Clock::now() + rest, origin->cancellation);
    }
}

/// Returns false if it failed, and the next attempt should wait.
net::Awaitable<bool> Prewarm::open_one(WarmOrigin& origin)
{
    net::Semaphore::Permit opening = openings_.try_acquire(max_openings);
    if (!opening)
        opening = co_await openings_.acquire(origin.cancellation);
    if (!opening || origin.cancellation.requested())
        co_return false;

    const auto snapshot = origin.snapshot; // keeps the permits, also when there is a newer one
    for (const ResolvedWebhook* const resolved : origin.webhooks) {
        const Permits permits = dispatcher_.permits_of(*resolved, resolved->main);
        net::Cancellation cancellation;
        const net::Semaphore::BorrowedPermit permit(permits.semaphore, permits.limit, cancellation);
        if (!permit)
            continue;
        const net::OnCancel link(origin.cancellation, [&] { cancellation.request(origin.cancellation.reason()); });
        const net::Conditions conditions{snapshot->configuration().egress, resolved->webhook->connect_timeout};
        const auto failure = co_await client_.open_ahead(origin.target, conditions, cancellation);
        if (!failure)
            origin.opened_at = net::Clock::now();
        else if (!cancellation.requested())
            report(origin, *failure);
        co_return !failure || cancellation.requested();
    }
    co_return true; // calls have all the connections, and open those that they need
}

void Prewarm::report(const WarmOrigin& origin, const net::Failure& failure)
{
    log_.write(origin.failures == 0 ? log::Level::warning : log::Level::debug,
               "prewarm failed: cannot open a connection",
               {{"webhook", origin.webhooks.front()->webhook->name.str()}, {"detail", failure.detail}});
}

} // namespace dialhook::dispatch
