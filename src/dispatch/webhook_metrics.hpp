#pragma once

#include "call/decision.hpp"
#include "dispatch/thread_share.hpp"
#include "metrics/counter.hpp"
#include "metrics/histogram.hpp"
#include "net/loop/semaphore.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

namespace dialhook::dispatch {

/// Counts responses by HTTP status. A web server may send any number of codes, so only the first ones are counted
/// separately, all others together.
class ResponseCodes
{
public:
    static constexpr std::size_t max_codes = 12;

    void count(int code)
    {
        for (Entry& entry : entries_) {
            const int known = entry.code.load(std::memory_order_relaxed);
            if (known != code && known != 0)
                continue;
            entry.count.add();
            if (known == 0)
                entry.code.store(static_cast<std::uint16_t>(code), std::memory_order_release);
            return;
        }
        other_.add();
    }

    /// Calls `visit(code, count)` for each code; 0 stands for the others.
    template <class Visit>
    void each(Visit visit) const
    {
        for (const Entry& entry : entries_)
            if (const int code = entry.code.load(std::memory_order_acquire); code != 0)
                visit(code, entry.count.value());
        if (const auto others = other_.value(); others != 0)
            visit(0, others);
    }

private:
    struct Entry
    {
        std::atomic<std::uint16_t> code{0};
        net::Counter count;
    };

    std::array<Entry, max_codes> entries_;
    net::Counter other_;
};

/// One thread's metrics of one webhook, which any thread may read, and its connection semaphores. Ordered by use: with
/// 100,000 webhooks each cache line that a call touches is a miss.
struct alignas(64) WebhookThreadMetrics
{
    net::Counter successes;
    net::Semaphore to_url; ///< connections to the origin of `url`; this thread only, like the next one
    ResponseCodes responses;
    Histogram seconds; ///< of the dispatches that led to a decision
    std::array<net::Counter, reason_count> failures;
    net::Semaphore to_fallback; ///< to the origin of `fallback_url`, where it is another one
    net::Counter retries;
    net::Counter fresh;     ///< answered from the cache
    net::Counter stale;     ///< answered by a stale reply
    net::Counter coalesced; ///< answered by the request of an identical dispatch
    net::Counter egress_denied;

    void count(const Decision& decision)
    {
        if (const auto reason = decision.reason())
            failures[static_cast<std::size_t>(*reason)].add();
        else
            successes.add();
    }
};

/// Sum over all threads of one webhook's metrics at one moment.
struct WebhookTotals
{
    std::uint64_t successes = 0;
    std::array<std::uint64_t, reason_count> failures{};
    Distribution seconds;
    std::map<int, std::uint64_t> responses; ///< by HTTP status; 0: all others
    std::uint64_t retries = 0;
    std::uint64_t fresh = 0;
    std::uint64_t stale = 0;
    std::uint64_t coalesced = 0;
    std::uint64_t egress_denied = 0;

    std::uint64_t all_failures() const;
    void add(const WebhookThreadMetrics& metrics);
};

/// Metrics of one webhook, one set for each thread that has dispatched it. Allocated at a thread's first dispatch, so
/// that unused webhooks cost a pointer.
class WebhookMetrics
{
public:
    WebhookMetrics() = default;
    ~WebhookMetrics();
    WebhookMetrics(const WebhookMetrics&) = delete;
    WebhookMetrics& operator=(const WebhookMetrics&) = delete;

    /// Returns the set of the thread with this `share`, which alone may write it. The first time may throw
    /// std::bad_alloc.
    WebhookThreadMetrics& of(ThreadShare share)
    {
        WebhookThreadMetrics* const metrics =
            share.index == 0 ? first_.load(std::memory_order_relaxed) : of_others(share);
        return metrics == nullptr ? make(share) : *metrics;
    }

    /// Calls `visit` with each thread's set. Any thread.
    template <class Visit>
    void each(Visit visit) const
    {
        for (const auto* const slot : {&first_, &behind_calls_})
            if (const WebhookThreadMetrics* const metrics = slot->load(std::memory_order_acquire))
                visit(*metrics);
        if (const Others* const others = others_.load(std::memory_order_acquire))
            for (const auto& slot : *others)
                if (const WebhookThreadMetrics* const metrics = slot.load(std::memory_order_acquire))
                    visit(*metrics);
    }

    WebhookTotals totals() const;

    /// Returns whether the webhook was ever dispatched.
    bool has_any() const
    {
        return first_.load(std::memory_order_relaxed) != nullptr ||
               others_.load(std::memory_order_relaxed) != nullptr ||
               behind_calls_.load(std::memory_order_relaxed) != nullptr;
    }

private:
    using Others = std::vector<std::atomic<WebhookThreadMetrics*>>;

    WebhookThreadMetrics* of_others(ThreadShare share) const
    {
        if (share.index == ThreadShare::behind_calls)
            return behind_calls_.load(std::memory_order_relaxed);
        const Others* const others = others_.load(std::memory_order_acquire);
        return others == nullptr ? nullptr : (*others)[share.index - 1].load(std::memory_order_relaxed);
    }
    WebhookThreadMetrics& make(ThreadShare share);

    std::atomic<WebhookThreadMetrics*> first_{nullptr}; ///< of the first thread, often the only one
    std::atomic<Others*> others_{nullptr};
    std::atomic<WebhookThreadMetrics*> behind_calls_{nullptr}; ///< of the thread for what no call waits for
};

} // namespace dialhook::dispatch
