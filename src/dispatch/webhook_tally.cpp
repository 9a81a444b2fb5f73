#include "dispatch/webhook_tally.hpp"

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
    delete first_.load();
    const std::unique_ptr<Others> others(others_.load());
    if (others)
        for (const auto& slot : *others)
            delete slot.load();
}

WebhookTally& WebhookTallies::make(ThreadShare share)
{
    auto tally = std::make_unique<WebhookTally>();
    if (share.index == 0) {
        first_.store(tally.get(), std::memory_order_release);
        return *tally.release();
    }
    if (others_.load(std::memory_order_acquire) == nullptr) {
        auto made = std::make_unique<Others>(share.threads - 1);
        Others* nobodys = nullptr; // another thread may be as far as this one
        if (others_.compare_exchange_strong(nobodys, made.get(), std::memory_order_acq_rel))
            static_cast<void>(made.release());
    }
    auto& slot = (*others_.load(std::memory_order_acquire))[share.index - 1];
    slot.store(tally.get(), std::memory_order_release);
    return *tally.release();
}

} // namespace dialhook::dispatch
