#pragma once

#include "call/decision.hpp"
#include "call/rpc_error.hpp"
#include "dispatch/refused_requests.hpp"
#include "dispatch/webhook_metrics.hpp"
#include "metrics/counter.hpp"
#include "metrics/histogram.hpp"
#include "net/http/timing.hpp"

#include <array>
#include <cstddef>

namespace dialhook::dispatch {

/// Counts the JSON-RPC errors sent to engines, by code.
class EngineErrors
{
public:
    static constexpr const auto& codes = engine_errors;

    void count(int code)
    {
        for (std::size_t index = 0; index < codes.size(); ++index)
            if (number_of(codes[index]) == code)
                counts_[index].add();
    }

    std::uint64_t at(std::size_t index) const { return counts_[index].value(); }

private:
    std::array<net::Counter, codes.size()> counts_;
};

/// Metrics of one thread since the daemon started.
struct ThreadMetrics
{
    ThreadMetrics() = default;
    explicit ThreadMetrics(ThreadShare of)
        : share(of)
    {
    }

    ThreadShare share; ///< which thread: its index in each webhook's metrics
    net::Counter successes;
    std::array<net::Counter, reason_count> failures;
    net::Counter without_webhook; ///< calls that a dialplan without a webhook routed
    net::Counter abandoned;       ///< dispatches whose engine disconnected before the decision
    net::Counter in_flight;
    net::Counter engine_connections;
    EngineErrors engine_errors;
    RefusedRequests refused;                               ///< what those errors were about
    std::array<Histogram, net::phase_names.size()> phases; ///< of attempts, only phases that took place

    void count(const Decision& decision)
    {
        if (const auto reason = decision.reason())
            failures[static_cast<std::size_t>(*reason)].add();
        else
            successes.add();
    }

    void observe(const net::Timing& timing)
    {
        for (std::size_t phase = 0; phase < phases.size(); ++phase)
            if (const auto took = timing[static_cast<net::Phase>(phase)]; took.count() != 0)
                phases[phase].observe(took);
    }
};

} // namespace dialhook::dispatch
