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

/// The HTTP status codes that came back, and how often. A web server may send any number, so the first codes it sends
/// are told apart, and what comes beyond is counted together.
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

    /// Calls `visit(code, count)` for each; code 0: the others.
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

/// What one thread has counted for one webhook, which any thread reads, and the connections that it has for it. In the
/// order of use: with a hundred thousand webhooks each line of the processor's cache that a call touches is a miss.
struct alignas(64) WebhookThreadMetrics
{
    net::Counter successes;
    net::Semaphore to_url; ///< connections to the origin of `url`; for this thread alone, as is the next one
    ResponseCodes responses;
    Histogram seconds; ///< of the dispatches that led to a decision
    std::array<net::Counter, reason_count> failures;
    net::Semaphore to_fallback; ///< to the origin of `fallback_url`, where it is another one
    net::Counter retries;
    net::Counter fresh;     ///< answered by a reply that was kept
    net::Counter stale;     ///< the same, since nobody answered
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

/// What all threads have counted for one webhook, at a moment.
struct WebhookTotals
{
    std::uint64_t successes = 0;
    std::array<std::uint64_t, reason_count> failures{};
    Distribution seconds;
    std::map<int, std::uint64_t> responses; ///< by HTTP status; 0: those beyond what is told apart
    std::uint64_t retries = 0;
    std::uint64_t fresh = 0;
    std::uint64_t stale = 0;
    std::uint64_t coalesced = 0;
    std::uint64_t egress_denied = 0;

    std::uint64_t all_failures() const;
    void add(const WebhookThreadMetrics& metrics);
};

/// The tallies of one webhook, one of each thread that has fired it. Nothing is allocated before that, so webhooks that
/// are configured and never fired cost a pointer.
class WebhookMetrics
{
public:
    WebhookMetrics() = default;
    ~WebhookMetrics();
    WebhookMetrics(const WebhookMetrics&) = delete;
    WebhookMetrics& operator=(const WebhookMetrics&) = delete;

    /// That of the thread with this `share`, for this thread alone to write. Throws std::bad_alloc the first time.
    WebhookThreadMetrics& of(ThreadShare share)
    {
        WebhookThreadMetrics* const metrics =
            share.index == 0 ? first_.load(std::memory_order_relaxed) : of_others(share);
        return metrics == nullptr ? make(share) : *metrics;
    }

    /// Calls `visit` with each, on any thread.
    template <class Visit>
    void each(Visit visit) const
    {
        if (const WebhookThreadMetrics* const metrics = first_.load(std::memory_order_acquire))
            visit(*metrics);
        if (const Others* const others = others_.load(std::memory_order_acquire))
            for (const auto& slot : *others)
                if (const WebhookThreadMetrics* const metrics = slot.load(std::memory_order_acquire))
                    visit(*metrics);
    }

    WebhookTotals totals() const;

    /// Whether the webhook was fired.
    bool has_any() const
    {
        return first_.load(std::memory_order_relaxed) != nullptr || others_.load(std::memory_order_relaxed) != nullptr;
    }

private:
    using Others = std::vector<std::atomic<WebhookThreadMetrics*>>;

    WebhookThreadMetrics* of_others(ThreadShare share) const
    {
        const Others* const others = others_.load(std::memory_order_acquire);
        return others == nullptr ? nullptr : (*others)[share.index - 1].load(std::memory_order_relaxed);
    }
    WebhookThreadMetrics& make(ThreadShare share);

    std::atomic<WebhookThreadMetrics*> first_{nullptr}; ///< of the first thread, often the only one
    std::atomic<Others*> others_{nullptr};
};

} // namespace dialhook::dispatch
