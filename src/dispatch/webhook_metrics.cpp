#include "dispatch/webhook_metrics.hpp"

#include <memory>
#include <numeric>

namespace dialhook::dispatch {

std::uint64_t WebhookTotals::all_failures() const
{
    return std::accumulate(failures.begin(), failures.end(), std::uint64_t{0});
}

void WebhookTotals::add(const WebhookThreadMetrics& metrics)
{
    successes += metrics.successes.value();
    for (std::size_t reason = 0; reason < failures.size(); ++reason)
        failures[reason] += metrics.failures[reason].value();
    seconds.add(metrics.seconds);
    metrics.responses.each([this](int code, std::uint64_t count) { responses[code] += count; });
    retries += metrics.retries.value();
    fresh += metrics.fresh.value();
    stale += metrics.stale.value();
    coalesced += metrics.coalesced.value();
    egress_denied += metrics.egress_denied.value();
}

WebhookTotals WebhookMetrics::totals() const
{
    WebhookTotals totals;
    each([&totals](const WebhookThreadMetrics& metrics) { totals.add(metrics); });
    return totals;
}

WebhookMetrics::~WebhookMetrics()
{
    delete first_.load();
    delete behind_calls_.load();
    const std::unique_ptr<Others> others(others_.load());
    if (others)
        for (const auto& slot : *others)
            delete slot.load();
}

WebhookThreadMetrics& WebhookMetrics::make(ThreadShare share)
{
    auto metrics = std::make_unique<WebhookThreadMetrics>();
    if (share.index == 0 || share.index == ThreadShare::behind_calls) {
        (share.index == 0 ? first_ : behind_calls_).store(metrics.get(), std::memory_order_release);
        return *metrics.release();
    }
    if (others_.load(std::memory_order_acquire) == nullptr) {
        auto made = std::make_unique<Others>(share.threads - 1);
        Others* nobodys = nullptr; // another thread may be as far as this one
        if (others_.compare_exchange_strong(nobodys, made.get(), std::memory_order_acq_rel))
            static_cast<void>(made.release());
    }
    auto& slot = (*others_.load(std::memory_order_acquire))[share.index - 1];
    slot.store(metrics.get(), std::memory_order_release);
    return *metrics.release();
}

} // namespace dialhook::dispatch
