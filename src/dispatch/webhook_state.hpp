#pragma once

#include "dispatch/last_failure.hpp"
#include "dispatch/webhook_metrics.hpp"

#include <atomic>
#include <cstdint>

namespace dialhook::dispatch {

/// Runtime state of a webhook, shared by all threads and kept over reloads while a webhook of this name exists. The
/// in-flight limit covers all threads, so its counter is the only one that they share on the path of a call.
struct WebhookState
{
    std::atomic<std::uint32_t> in_flight{0};
    WebhookMetrics metrics;
    LastFailureOf last_failure;
};

/// Permit of one dispatch within `max_in_flight`. Empty if the limit is reached.
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
