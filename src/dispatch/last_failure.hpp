#pragma once

#include "call/decision.hpp"
#include "dispatch/webhook_metrics.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace dialhook::dispatch {

/// Returns whether a failure says that the web server could not be asked, or that the answer was of no use. A web
/// server's NAK, what callers do with their keys, and the daemon's own stop are none.
constexpr bool is_fault(Reason reason)
{
    return reason != Reason::nak && reason != Reason::ivr_timeout && reason != Reason::ivr_attempts &&
           reason != Reason::shutdown;
}

/// Successes and failures that are no fault, of all threads.
struct Answered
{
    std::uint64_t successes = 0;
    std::uint64_t declined = 0;
    std::uint64_t faults = 0;

    static Answered of(const WebhookMetrics& webhook_metrics);

    std::uint64_t answers() const { return successes + declined; }
};

/// How a webhook failed last, and how often in a row.
struct LastFailure
{
    std::chrono::system_clock::time_point at; ///< of the last fault, an open circuit breaker among them
    std::uint64_t in_a_row = 0;               ///< 0: it has answered since
    std::optional<Reason> cause;              ///< the last one but for an open circuit breaker
    std::chrono::system_clock::time_point cause_at;
    std::optional<int> http_status;
    std::string detail;
};

/// Keeps the last failure of one webhook, of all threads. A success costs nothing here: that there was one is seen in
/// the counters. Allocates at the first failure, and takes a lock at each.
class LastFailureOf
{
public:
    LastFailureOf() = default;
    ~LastFailureOf();
    LastFailureOf(const LastFailureOf&) = delete;
    LastFailureOf& operator=(const LastFailureOf&) = delete;

    /// Takes `failed`, which is not yet in `webhook_metrics`.
    void take(const Decision& failed, const WebhookMetrics& webhook_metrics);

    /// Returns nullopt if there was none.
    std::optional<LastFailure> read(const WebhookMetrics& webhook_metrics) const;

    /// Returns `; the last one was connect: …`, or an empty text.
    std::string cause() const;

private:
    struct Kept
    {
        std::mutex mutex;
        LastFailure failure;
        std::uint64_t answers_before = 0;
    };

    Kept& kept();

    std::atomic<Kept*> kept_{nullptr};
};

} // namespace dialhook::dispatch
