#include <dialhook/dispatch/webhook_tally.hpp>

#include <memory>

namespace dialhook::dispatch {

WebhookTallies::~WebhookTallies()
{
    const std::unique_ptr<ByThread> by_thread(by_thread_.load());
    if (by_thread)
        for (const auto& slot : *by_thread)
            delete slot.load();
}

WebhookTally& WebhookTallies::make(Seat seat)
{
    auto tally = std::make_unique<WebhookTally>();
    if (by_thread_.load(std::memory_order_acquire) == nullptr) {
        auto made = std::make_unique<ByThread>(seat.threads);
        ByThread* nobodys = nullptr; // another thread may be as far as this one
        if (by_thread_.compare_exchange_strong(nobodys, made.get(), std::memory_order_acq_rel))
            static_cast<void>(made.release());
    }
    auto& slot = (*by_thread_.load(std::memory_order_acquire))[seat.thread];
    slot.store(tally.get(), std::memory_order_release);
    return *tally.release();
}

} // namespace dialhook::dispatch
