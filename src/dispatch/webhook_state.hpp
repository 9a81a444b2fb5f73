#pragma once

#include "dispatch/last_failure.hpp"
#include "dispatch/webhook_metrics.hpp"

#include <atomic>
#include <cstdint>

namespace dialhook::dispatch {

/// What is known of a webhook beyond its configuration: shared by all threads, kept over reloads as long as a webhook
/// of this name exists. The in-flight limit is one for all threads, hence the one counter that they share on the way of
/// a call: an uncontended atomic with one thread.
struct WebhookState
{
    std::atomic<std::uint32_t> in_flight{0};
    WebhookMetrics metrics;
    LastFailureOf last_failure;
};

/// One dispatch's place among those under way. Not taken when the limit is reached.
class InFlight
{
public:
    InFlight(WebhookState& state, std::uint32_t limit)
        : state_(state)
        , taken_(state.in_flight.fetch_add(1, std::memory_order_relaxed) < limit)
    {
    }
    ~InFlight() { state_.in_flight.fetch_sub(1, std::memory_order_relaxed); }
    InFlight(const InFlight&) = delete;
    InFlight& operator=(const InFlight&) = delete;

    explicit operator bool() const { return taken_; }

private:
    WebhookState& state_;
    bool taken_;
};

} // namespace dialhook::dispatch
