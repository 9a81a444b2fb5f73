#include "api/control/reports.hpp"
#include "api/http/notifications.hpp"
#include "base/name_pattern.hpp"
#include "base/utc.hpp"
#include "version.hpp"

#include <nlohmann/json.hpp>
#include <unistd.h>

#include <algorithm>
#include <array>

namespace dialhook::control {
namespace {

using nlohmann::json;

std::string text_of(const json& value)
{
    return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string_view method_of(const Webhook& webhook)
{
    return webhook.request == RequestKind::get ? "GET" : "POST";
}

/// Returns how many requests that no call waited for never got through.
std::uint64_t lost_of(const spool::Counts& counts)
{
    std::uint64_t lost = 0;
    for (const spool::TargetCounts& target : counts.targets)
        if (target.target.is_webhook())
            lost += target.expired + target.dropped;
    return lost;
}

json spool_of(const DaemonStatus& daemon)
{
    const status::Waiting waiting = status::waiting_in(daemon.spool);
    return {{"durable", daemon.spool.is_durable},
            {"bytes", daemon.spool.bytes},
            {"events_waiting", waiting.events},
            {"requests_waiting", waiting.requests},
            {"trouble", status::event_trouble(daemon.spool, daemon.snapshot, std::chrono::system_clock::now())}};
}

} // namespace

std::string status_json(const DaemonStatus& daemon)
{
    std::uint64_t engines = 0;
    std::uint64_t open = 0;
    std::uint64_t idle = 0;
    std::uint64_t in_flight = 0;
    std::uint64_t successes = 0;
    std::uint64_t without_webhook = 0;
    std::uint64_t abandoned = 0;
    std::array<std::uint64_t, reason_count> failures{};
    for (const status::WorkerSource& worker : daemon.workers) {
        const dispatch::ThreadMetrics& metrics = *worker.metrics;
        engines += metrics.engine_connections.value();
        idle += worker.connections->idle.value();
        open += worker.connections->open.value();
        in_flight += metrics.in_flight.value();
        successes += metrics.successes.value();
        without_webhook += metrics.without_webhook.value();
        abandoned += metrics.abandoned.value();
        for (std::size_t index = 0; index < reason_count; ++index)
            failures[index] += metrics.failures[index].value();
    }
    json failure = json::object();
    for (std::size_t index = 0; index < reason_count; ++index)
        if (failures[index] != 0)
            failure[std::string(to_string(static_cast<Reason>(index)))] = failures[index];

    json last_reload = nullptr;
    if (daemon.last_reload)
        last_reload = {{"result", daemon.last_reload->outcome.applied ? "applied" : "refused"},
                       {"at", utc(daemon.last_reload->at)},
                       {"messages", daemon.last_reload->outcome.messages}};
    json last_good = nullptr;
    if (daemon.last_good)
        last_good = *daemon.last_good;
    const std::chrono::duration<double> uptime = std::chrono::steady_clock::now() - daemon.started_at;
    return text_of(
        {{"version", version},
         {"pid", ::getpid()},
         {"uptime_s", uptime.count()},
         {"config", daemon.in_force.file},
         {"config_since", utc(daemon.in_force.since)},
         {"stale", daemon.in_force.stale},
         {"faults", daemon.in_force.faults},
         {"last_good", std::move(last_good)},
         {"webhooks", daemon.snapshot.webhooks().size()},
         {"dialplans", daemon.snapshot.configuration().dialplans.plans().size()},
         {"notifications", daemon.snapshot.notifications().size()},
         {"spool", spool_of(daemon)},
         {"threads", daemon.threads},
         {"socket", daemon.socket},
         {"draining", daemon.draining},
         {"engine_connections", engines},
         {"connections", {{"idle", idle}, {"busy", open - std::min(idle, open)}}},
         {"in_flight", in_flight},
         {"abandoned", abandoned},
         {"lost", lost_of(daemon.spool)},
         {"decisions", {{"success", successes}, {"failure", std::move(failure)}, {"without_webhook", without_webhook}}},
         {"log_dropped", daemon.log_dropped},
         {"last_reload", std::move(last_reload)}});
}

std::string webhooks_json(const dispatch::Snapshot& snapshot, const std::optional<std::string>& pattern)
{
    json webhooks = json::array();
    for (const dispatch::ResolvedWebhook& resolved : snapshot.webhooks()) {
        using dispatch::Breaker;
        if (pattern && !matches(resolved.webhook->name.str(), *pattern))
            continue;
        const dispatch::WebhookTotals totals = resolved.state->metrics.totals();
        const json breaker =
            resolved.breaker ? json(Breaker::to_string(resolved.breaker->state(Breaker::Clock::now()))) : json();
        webhooks.push_back({{"name", resolved.webhook->name.str()},
                            {"description", resolved.webhook->description},
                            {"method", method_of(*resolved.webhook)},
                            {"url", resolved.webhook->url.shown()},
                            {"timeout_ms", resolved.webhook->timeout.count()},
                            {"circuit_breaker", breaker},
                            {"in_flight", resolved.state->in_flight.load(std::memory_order_relaxed)},
                            {"success", totals.successes},
                            {"failure", totals.all_failures()}});
    }
    return text_of({{"known", snapshot.webhooks().size()}, {"webhooks", std::move(webhooks)}});
}

} // namespace dialhook::control
