#include "api/http/reports.hpp"

#include "api/http/notifications.hpp"
#include "base/percent.hpp"
#include "base/utc.hpp"
#include "version.hpp"

#include <nlohmann/json.hpp>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <map>
#include <utility>
#include <vector>

namespace dialhook::status {
namespace {

using json = nlohmann::ordered_json;

constexpr std::size_t rows_of_page = 100;
constexpr std::size_t decisions_of_page = 30;
constexpr std::size_t max_name = 64;
constexpr std::size_t max_refused = 50;
constexpr std::size_t max_faults = 20;

std::string text_of(const json& value)
{
    return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string host_name()
{
    std::array<char, 256> own{};
    return ::gethostname(own.data(), own.size() - 1) == 0 ? own.data() : "";
}

/// Returns what requests asked for that were refused, the last one first; those of all threads are one.
json refused_requests(const Sources& sources)
{
    using dispatch::Refused;
    using Entry = dispatch::RefusedRequests::Entry;
    const bool redact = sources.snapshot->configuration().server.redact;
    std::map<std::tuple<int, bool, std::string, std::string>, Entry> by_name;
    for (const WorkerSource& worker : sources.workers)
        for (Entry& entry : worker.metrics->refused.entries()) {
            if (redact && entry.last.named == Refused::Named::did)
                entry.nearest.clear();
            if (redact)
                entry.last = entry.last.masked();
            const std::string why = entry.are_others ? std::string() : entry.last.why;
            Entry& same = by_name[{entry.last.code, entry.are_others, entry.are_others ? "" : entry.last.name, why}];
            const auto count = same.count + entry.count;
            if (same.last_at < entry.last_at)
                same = std::move(entry);
            same.count = count;
        }
    std::vector<const Entry*> order;
    for (const auto& [key, entry] : by_name)
        order.push_back(&entry);
    std::ranges::stable_sort(order, std::greater<>(), &Entry::last_at);
    json list = json::array();
    for (const Entry* const entry : order) {
        if (list.size() == max_refused)
            break;
        const Refused& last = entry->last;
        const bool is_known = last.named == Refused::Named::webhook && sources.snapshot->find(last.name) != nullptr;
        list.push_back({{"code", last.code},
                        {"asked_for", entry->are_others ? "others" : to_string(last.named)},
                        {"name", entry->are_others ? "" : last.name},
                        {"nearest", entry->nearest},
                        {"count", entry->count},
                        {"last_at", milliseconds_since_1970(entry->last_at)},
                        {"webhook", last.webhook},
                        {"did", last.did},
                        {"call_id", last.call_id},
                        {"is_known_now", is_known},
                        {"why", last.why}});
    }
    return list;
}

/// Returns the configuration in force. A page is sent this every second: it has the first faults alone.
json shown_configuration(const ConfigurationInForce& configuration)
{
    const auto& faults = configuration.faults;
    json refused_at = nullptr;
    if (configuration.refused_at)
        refused_at = utc(*configuration.refused_at);
    return {{"file", configuration.file},
            {"since", utc(configuration.since)},
            {"stale", configuration.stale},
            {"refused_at", std::move(refused_at)},
            {"fault_count", faults.size()},
            {"faults", std::vector(faults.begin(),
                                   faults.begin() + static_cast<std::ptrdiff_t>(std::min(faults.size(), max_faults)))}};
}

/// Returns what all views have in common.
json overview(const Sources& sources, const Activity& activity, json webhooks)
{
    std::uint64_t in_flight = 0;
    std::uint64_t engines = 0;
    for (const WorkerSource& worker : sources.workers) {
        in_flight += worker.metrics->in_flight.value();
        engines += worker.metrics->engine_connections.value();
    }
    const auto [calls, failures, declined] = activity.all();
    const spool::Counts events = sources.spool();
    const auto now = std::chrono::system_clock::now();
    return {{"version", version},
            {"host", host_name()},
            {"started_at", milliseconds_since_1970(sources.started_at)},
            {"now", milliseconds_since_1970(now)},
            {"draining", sources.draining},
            {"config", shown_configuration(sources.configuration)},
            {"sample", activity.sample()},
            {"window_s", activity.window()},
            {"calls", calls},
            {"failures", failures},
            {"declined", declined},
            {"refused", activity.refused()},
            {"refused_requests", refused_requests(sources)},
            {"notifications", notification_rows(events, *sources.snapshot, Urls::left_out)},
            {"spool", {{"bytes", events.bytes}, {"fault", spool_fault(events, *sources.snapshot)}}},
            {"in_flight", in_flight},
            {"engine_connections", engines},
            {"known", sources.snapshot->webhooks().size()},
            {"webhooks", std::move(webhooks)}};
}

Activity::Order order_of(std::string_view word)
{
    using enum Activity::Order;
    constexpr std::array<std::pair<std::string_view, Activity::Order>, 6> words{
        {{"name", name}, {"calls", calls}, {"success", success}, {"p50", p50}, {"p99", p99}, {"in_flight", in_flight}}};
    const auto* const found = std::ranges::find(words, word, &std::pair<std::string_view, Activity::Order>::first);
    return found == words.end() ? trouble : found->second;
}

} // namespace

PageView read_view(std::string_view query)
{
    PageView view;
    while (!query.empty()) {
        const std::string_view pair = query.substr(0, query.find('&'));
        query.remove_prefix(std::min(query.size(), pair.size() + 1));
        const auto equals = std::min(pair.find('='), pair.size());
        const std::string_view encoded = pair.substr(std::min(equals + 1, pair.size()));
        const std::string value = percent::decoded(encoded, percent::Plus::is_space).substr(0, max_name * 4);
        if (pair.substr(0, equals) == "filter")
            view.filter = value;
        else if (pair.substr(0, equals) == "webhook")
            view.webhook = value;
        else if (pair.substr(0, equals) == "order")
            view.order = order_of(value);
    }
    return view;
}

std::string page_report(const Sources& sources, const Activity& activity, PageView& view)
{
    const bool is_first = view.sample == 0;
    const std::uint64_t missed = activity.sample() - std::exchange(view.sample, activity.sample());
    const std::size_t points = is_first
                                   ? Activity::seconds_kept
                                   : static_cast<std::size_t>(std::min<std::uint64_t>(missed, Activity::seconds_kept));
    json report = overview(sources, activity,
                           activity.rows(sources, {view.filter, view.webhook, view.order, rows_of_page, points}));
    if (!view.webhook.empty()) {
        DecisionsRead read = read_decisions(sources, view.cursor, view.webhook, decisions_of_page);
        view.cursor = std::move(read.cursor);
        report["decisions"] = std::move(read.decisions);
        report["is_known"] = sources.snapshot->find(view.webhook) != nullptr;
    }
    return text_of(report);
}

std::string top_report(const Sources& sources, const Activity& activity, std::size_t limit)
{
    return text_of(overview(sources, activity, activity.rows(sources, {.limit = limit})));
}

std::string decisions_report(const Sources& sources, const std::optional<Cursor>& cursor, std::string_view webhook,
                             std::size_t limit)
{
    DecisionsRead read = read_decisions(sources, cursor.value_or(Cursor()), webhook, limit);
    json report{{"decisions", std::move(read.decisions)},
                {"lost", cursor ? read.dropped : 0}, // without a cursor the last few were asked for, and not all
                {"cursor", read.cursor}};
    if (!webhook.empty())
        report["is_known"] = sources.snapshot->find(webhook) != nullptr;
    return text_of(report);
}

} // namespace dialhook::status
