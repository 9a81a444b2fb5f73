#include "api/http/scrape.hpp"

#include "api/http/event_metrics.hpp"
#include "api/http/process_metrics.hpp"
#include "metrics/exposition.hpp"
#include "version.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <utility>

namespace dialhook::status {
namespace {

using dispatch::ResolvedWebhook;
using dispatch::WebhookTotals;

constexpr std::size_t portion = 64 * 1024;

/// What one webhook has counted, or all of them together.
struct Figures
{
    WebhookTotals totals;
    std::uint64_t in_flight = 0;
    std::optional<std::chrono::milliseconds> timeout = std::nullopt; ///< of one webhook alone
    std::optional<std::uint64_t> open_circuits = std::nullopt;       ///< nullopt: no circuit breaker is configured
    bool keeps_replies = false;
};

/// A metric that each webhook has.
struct WebhookFamily
{
    MetricFamily family;
    void (*append)(Exposition&, std::string_view family, const Figures&);
};

/// A reason appears with its first failure: all of them for all webhooks would be thousands of zeros.
void append_decisions(Exposition& out, std::string_view family, const Figures& figures)
{
    out.sample(family, {{"branch", "success"}, {"reason", ""}}, figures.totals.successes);
    for (std::size_t reason = 0; reason < reason_count; ++reason)
        if (const auto count = figures.totals.failures[reason]; count != 0)
            out.sample(family, {{"branch", "failure"}, {"reason", to_string(static_cast<Reason>(reason))}}, count);
}

void append_responses(Exposition& out, std::string_view family, const Figures& figures)
{
    for (const auto& [code, count] : figures.totals.responses)
        out.sample(family, {{"code", code == 0 ? "other" : std::to_string(code)}}, count);
}

void append_cache_hits(Exposition& out, std::string_view family, const Figures& figures)
{
    if (!figures.keeps_replies)
        return;
    out.sample(family, {{"kind", "fresh"}}, figures.totals.fresh);
    out.sample(family, {{"kind", "stale"}}, figures.totals.stale);
    out.sample(family, {{"kind", "coalesced"}}, figures.totals.coalesced);
}

double seconds(std::chrono::milliseconds time)
{
    return std::chrono::duration<double>(time).count();
}

const std::array<WebhookFamily, 9> webhook_families{{
    {{"dialhook_decisions_total", MetricType::counter,
      "Decisions by webhook, branch and reason; a success has no reason."},
     append_decisions},
    {{"dialhook_decision_seconds", MetricType::histogram, "Duration of the dispatches that led to a decision."},
     [](Exposition& out, std::string_view family, const Figures& figures) {
         out.samples(family, {}, figures.totals.seconds);
     }},
    {{"dialhook_http_responses_total", MetricType::counter,
      "Responses of web servers by HTTP status, each attempt and each redirect."},
     append_responses},
    {{"dialhook_in_flight", MetricType::gauge, "Dispatches in flight."},
     [](Exposition& out, std::string_view family, const Figures& figures) {
         out.sample(family, {}, figures.in_flight);
     }},
    {{"dialhook_timeout_seconds", MetricType::gauge, "The webhook's timeout, for comparison."},
     [](Exposition& out, std::string_view family, const Figures& figures) {
         if (figures.timeout)
             out.sample(family, {}, seconds(*figures.timeout));
     }},
    {{"dialhook_retries_total", MetricType::counter, "Attempts after the first of a dispatch."},
     [](Exposition& out, std::string_view family, const Figures& figures) {
         out.sample(family, {}, figures.totals.retries);
     }},
    {{"dialhook_circuit_open", MetricType::gauge,
      "Circuit breakers that are not closed, that is open or about to try again: of a webhook 1 or 0."},
     [](Exposition& out, std::string_view family, const Figures& figures) {
         if (figures.open_circuits)
             out.sample(family, {}, *figures.open_circuits);
     }},
    {{"dialhook_cache_hits_total", MetricType::counter,
      "Dispatches answered without a request of their own: by a kept reply, a stale one, or an identical dispatch."},
     append_cache_hits},
    {{"dialhook_egress_denied_total", MetricType::counter, "Attempts that the egress rules denied."},
     [](Exposition& out, std::string_view family, const Figures& figures) {
         out.sample(family, {}, figures.totals.egress_denied);
     }},
}};

/// Adds all but the timeout.
void add(Figures& figures, const ResolvedWebhook& resolved)
{
    using dispatch::Breaker;
    resolved.state->metrics.each(
        [&figures](const dispatch::WebhookThreadMetrics& metrics) { figures.totals.add(metrics); });
    figures.in_flight += resolved.state->in_flight.load(std::memory_order_relaxed);
    figures.keeps_replies |= resolved.replies != nullptr;
    if (resolved.breaker) {
        const bool is_closed = resolved.breaker->state(Breaker::Clock::now()) == Breaker::State::closed;
        figures.open_circuits = figures.open_circuits.value_or(0) + (is_closed ? 0 : 1);
    }
}

Figures figures_of(const ResolvedWebhook& resolved)
{
    Figures figures;
    add(figures, resolved);
    figures.timeout = resolved.webhook->timeout;
    return figures;
}

/// Appends sums without labels: `server.metrics.webhooks` is off. Some 50 ms with 100,000 webhooks in use.
void append_sums(Exposition& out, const Sources& sources)
{
    Figures sum{.totals = sources.removed.totals()};
    for (const ResolvedWebhook& resolved : sources.snapshot->webhooks())
        add(sum, resolved);
    for (const WebhookFamily& family : webhook_families) {
        if (family.family.name == "dialhook_timeout_seconds")
            continue;
        out.begin(family.family);
        family.append(out, family.family.name, sum);
    }
}

void append_phases(Exposition& out, const Sources& sources)
{
    const MetricFamily family{"dialhook_phase_seconds", MetricType::histogram,
                              "Duration of the phases of an attempt, without those that did not happen."};
    out.begin(family);
    for (std::size_t phase = 0; phase < net::phase_names.size(); ++phase) {
        dispatch::Distribution distribution;
        for (const WorkerSource& worker : sources.workers)
            distribution.add(worker.metrics->phases[phase]);
        out.samples(family.name, {{"phase", net::phase_names[phase]}}, distribution);
    }
}

void append_connections(Exposition& out, const Sources& sources)
{
    std::uint64_t opened = 0;
    std::uint64_t open = 0;
    std::uint64_t idle = 0;
    for (const WorkerSource& worker : sources.workers) {
        opened += worker.connections->opened.value();
        open += worker.connections->open.value();
        idle += worker.connections->idle.value();
    }
    const MetricFamily now{"dialhook_connections", MetricType::gauge, "Connections to web servers by their state."};
    out.begin(now);
    out.sample(now.name, {{"state", "idle"}}, idle);
    out.sample(now.name, {{"state", "busy"}}, open - std::min(idle, open)); // the two are read one after the other
    const MetricFamily ever{"dialhook_connections_opened_total", MetricType::counter,
                            "Connections opened to web servers."};
    out.begin(ever);
    out.sample(ever.name, {}, opened);
}

void append_engines(Exposition& out, const Sources& sources)
{
    std::uint64_t connections = 0;
    for (const WorkerSource& worker : sources.workers)
        connections += worker.metrics->engine_connections.value();
    const MetricFamily engines{"dialhook_engine_connections", MetricType::gauge,
                               "Dialplan engines connected to the Unix socket or over HTTP."};
    out.begin(engines);
    out.sample(engines.name, {}, connections);

    using dispatch::EngineErrors;
    const MetricFamily errors{"dialhook_engine_errors_total", MetricType::counter,
                              "Requests of engines that got an error, by its JSON-RPC code; FastAGI's among them."};
    out.begin(errors);
    for (std::size_t index = 0; index < EngineErrors::codes.size(); ++index) {
        std::uint64_t count = 0;
        for (const WorkerSource& worker : sources.workers)
            count += worker.metrics->engine_errors.at(index);
        out.sample(errors.name, {{"code", std::to_string(number_of(EngineErrors::codes[index]))}}, count);
    }
}

void append_configuration(Exposition& out, const Sources& sources)
{
    const MetricFamily reloads{"dialhook_config_reloads_total", MetricType::counter,
                               "Reloads of the configuration, applied and refused."};
    out.begin(reloads);
    out.sample(reloads.name, {{"result", "applied"}}, sources.reloads.applied);
    out.sample(reloads.name, {{"result", "refused"}}, sources.reloads.refused);
    const MetricFamily last{"dialhook_config_last_success_timestamp_seconds", MetricType::gauge,
                            "When the configuration in use was loaded, in seconds since 1970."};
    out.begin(last);
    const std::chrono::duration<double> since_1970 =
        std::chrono::floor<std::chrono::milliseconds>(sources.reloads.last_success.time_since_epoch());
    out.sample(last.name, {}, since_1970.count());
    const MetricFamily stale{"dialhook_config_stale", MetricType::gauge,
                             "1 while the last good configuration serves after a faulty start; else 0."};
    out.begin(stale);
    out.sample(stale.name, {}, std::uint64_t{sources.configuration.stale ? 1U : 0U});
    const MetricFamily build{"dialhook_build_info", MetricType::gauge, "The version that runs; always 1."};
    out.begin(build);
    out.sample(build.name, {{"version", version}}, std::uint64_t{1});
}

} // namespace

std::string Scrape::next()
{
    std::string out;
    out.reserve(portion + portion / 8);
    if (!std::exchange(has_begun_, true)) {
        Exposition exposition(out);
        append_configuration(exposition, sources_);
        append_engines(exposition, sources_);
        append_connections(exposition, sources_);
        append_phases(exposition, sources_);
        append_events(exposition, sources_.spool(), *sources_.snapshot, std::chrono::system_clock::now());
        append_process_metrics(exposition);
        if (!has_webhooks_)
            append_sums(exposition, sources_);
    }
    if (has_webhooks_)
        append_webhooks(out);
    return out;
}

/// Webhooks that were never dispatched have no series.
void Scrape::append_webhooks(std::string& out)
{
    Exposition exposition(out);
    const auto& webhooks = sources_.snapshot->webhooks();
    for (; family_ < webhook_families.size() && out.size() < portion; ++family_, resolved_ = 0) {
        const WebhookFamily& family = webhook_families[family_];
        if (resolved_ == 0)
            exposition.begin(family.family);
        while (resolved_ < webhooks.size()) {
            const ResolvedWebhook& resolved = webhooks[resolved_++];
            if (resolved.state->metrics.has_any()) {
                exposition.of({"webhook", resolved.webhook->name.str()});
                family.append(exposition, family.family.name, figures_of(resolved));
            }
            if (out.size() >= portion && resolved_ < webhooks.size())
                return;
        }
    }
}

} // namespace dialhook::status
