#include "status/reports.hpp"

#include <dialhook/call/text.hpp>
#include <dialhook/status/utc.hpp>
#include <dialhook/version.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

namespace dialhook::status {
namespace {

using json = nlohmann::ordered_json;

constexpr std::size_t rows_of_page = 100;
constexpr std::size_t decisions_of_page = 30;
constexpr std::size_t longest_name = 64;
constexpr std::size_t most_faults = 20;

std::string text_of(const json& value)
{
    return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

/// `+` and `%XX` of a query's value (application/x-www-form-urlencoded).
std::string decoded(std::string_view text)
{
    std::string result;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const bool is_escape = text[at] == '%' && at + 2 < text.size() && text::hex_value(text[at + 1]) >= 0 &&
                               text::hex_value(text[at + 2]) >= 0;
        if (is_escape) {
            result += static_cast<char>(text::hex_value(text[at + 1]) * 16 + text::hex_value(text[at + 2]));
            at += 2;
        } else {
            result += text[at] == '+' ? ' ' : text[at];
        }
    }
    return result;
}

/// The configuration in force. A page is sent this every second: it has the first faults alone.
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
            {"faults", std::vector(faults.begin(), faults.begin() + static_cast<std::ptrdiff_t>(
                                                                        std::min(faults.size(), most_faults)))}};
}

/// What all views have in common.
json overview(const Sources& sources, const Activity& activity, json webhooks)
{
    std::uint64_t in_flight = 0;
    std::uint64_t engines = 0;
    for (const WorkerSource& worker : sources.workers) {
        in_flight += worker.tally->in_flight.value();
        engines += worker.tally->engine_connections.value();
    }
    const auto [calls, failures] = activity.all();
    return {{"version", version},
            {"draining", sources.draining},
            {"config", shown_configuration(sources.configuration)},
            {"sample", activity.sample()},
            {"window_s", activity.window()},
            {"calls", calls},
            {"failures", failures},
            {"in_flight", in_flight},
            {"engine_connections", engines},
            {"known", sources.snapshot->hooks().size()},
            {"webhooks", std::move(webhooks)}};
}

} // namespace

PageView read_view(std::string_view query)
{
    PageView view;
    while (!query.empty()) {
        const std::string_view pair = query.substr(0, query.find('&'));
        query.remove_prefix(std::min(query.size(), pair.size() + 1));
        const auto equals = std::min(pair.find('='), pair.size());
        const std::string value = decoded(pair.substr(std::min(equals + 1, pair.size()))).substr(0, longest_name * 4);
        if (pair.substr(0, equals) == "filter")
            view.filter = value;
        else if (pair.substr(0, equals) == "webhook")
            view.webhook = value;
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
    json report = overview(sources, activity, activity.rows(sources, view.filter, rows_of_page, points));
    if (!view.webhook.empty()) {
        DecisionsRead read = read_decisions(sources, view.cursor, view.webhook, decisions_of_page);
        view.cursor = std::move(read.cursor);
        report["decisions"] = std::move(read.decisions);
    }
    return text_of(report);
}

std::string top_report(const Sources& sources, const Activity& activity, std::size_t limit)
{
    return text_of(overview(sources, activity, activity.rows(sources, {}, limit, 0)));
}

std::string decisions_report(const Sources& sources, const std::optional<Cursor>& cursor, std::string_view webhook,
                             std::size_t limit)
{
    DecisionsRead read = read_decisions(sources, cursor.value_or(Cursor()), webhook, limit);
    json report{{"decisions", std::move(read.decisions)},
                {"lost", cursor ? read.lost : 0}, // without a cursor the last few were asked for, and not all
                {"cursor", read.cursor}};
    if (!webhook.empty())
        report["is_known"] = sources.snapshot->find(webhook) != nullptr;
    return text_of(report);
}

} // namespace dialhook::status
