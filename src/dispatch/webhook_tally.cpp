#include <dialhook/dispatch/webhook_tally.hpp>

#include <memory>
#include <numeric>

namespace dialhook::dispatch {

std::uint64_t WebhookTotals::all_failures() const
{
    return std::accumulate(failures.begin(), failures.end(), std::uint64_t{0});
}

void WebhookTotals::add(const WebhookTally& tally)
{
    successes += tally.successes.value();
    for (std::size_t reason = 0; reason < failures.size(); ++reason)
        failures[reason] += tally.failures[reason].value();
    seconds.add(tally.seconds);
    tally.responses.each([this](int code, std::uint64_t count) { responses[code] += count; });
    retries += tally.retries.value();
    fresh += tally.fresh.value();
    stale += tally.stale.value();
    coalesced += tally.coalesced.value();
    egress_denied += tally.egress_denied.value();
}

WebhookTotals WebhookTallies::totals() const
{
    WebhookTotals totals;
    each([&totals](const WebhookTally& tally) { totals.add(tally); });
    return totals;
}

WebhookTallies::~WebhookTallies()
{
    const std::unique_ptr<ByThread> by_thread(by_thread_.load());
    if (by_thread)
        for (const auto& slot : *by_thread)
            delete slot.load();
}

WebhookTally& WebhookTallies::make(ThreadShare share)
{
    auto tally = std::make_unique<WebhookTally>();
    if (by_thread_.load(std::memory_order_acquire) == nullptr) {
        auto made = std::make_unique<ByThread>(share.threads);
        ByThread* nobodys = nullptr; // another thread may be as far as this one
        if (by_thread_.compare_exchange_strong(nobodys, made.get(), std::memory_order_acq_rel))
            static_cast<void>(made.release());
    }
    auto& slot = (*by_thread_.load(std::memory_order_acquire))[share.index];
    slot.store(tally.get(), std::memory_order_release);
    return *tally.release();
}

} // namespace dialhook::dispatch
