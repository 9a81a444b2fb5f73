#include "api/http/decisions.hpp"

#include "base/text.hpp"

#include <algorithm>

namespace dialhook::status {
namespace {

using dispatch::DecisionRecord;
using json = nlohmann::ordered_json;

json text_or_null(std::string_view text)
{
    return text.empty() ? json() : json(text);
}

double milliseconds(net::Timing::Duration time)
{
    return static_cast<double>(std::chrono::duration_cast<std::chrono::microseconds>(time).count()) / 1000;
}

/// So many bytes of each text are shown.
constexpr std::array<std::size_t, DecisionRecord::text_count> longest{64, 32, 64, 48, 48, 80, 64, 160};

constexpr std::size_t max_list = 160;

json json_of(const DecisionRecord& record, bool redact)
{
    const auto shown = [&record](DecisionRecord::Text which) {
        return text_or_null(text::first_bytes(record.text(which), longest[which]));
    };
    const auto masked_text = [redact](std::string_view text, std::size_t max_bytes) {
        return redact && !text.empty() ? json("***") : text_or_null(text::first_bytes(text, max_bytes));
    };
    const auto masked = [&](DecisionRecord::Text which) { return masked_text(record.text(which), longest[which]); };
    json decision{{"at", std::chrono::duration_cast<std::chrono::milliseconds>(record.at().time_since_epoch()).count()},
                  {"call_id", shown(DecisionRecord::call_id)},
                  {"dialplan", masked(DecisionRecord::dialplan)},
                  {"webhook", shown(DecisionRecord::webhook)},
                  {"did", masked(DecisionRecord::did)},
                  {"callerid", masked(DecisionRecord::callerid)},
                  {"callername", masked(DecisionRecord::callername)}};
    if (record.text(DecisionRecord::webhook).empty())
        return decision;
    json timing = json::object();
    for (std::size_t phase = 0; phase < net::phase_names.size(); ++phase)
        if (const auto spent = record.timing()[static_cast<net::Phase>(phase)]; spent >= std::chrono::microseconds(1))
            timing[std::string(net::phase_names[phase])] = milliseconds(spent);
    decision.update({{"branch", to_string(record.branch())},
                     {"reason", record.reason() ? json(to_string(*record.reason())) : json()},
                     {"status", record.status() ? json(to_string(*record.status())) : json()},
                     {"http_status", record.http_status() ? json(*record.http_status()) : json()},
                     {"source", text_or_null(to_string(record.source()))},
                     {"destination", masked_text(record.first_destination(), longest[DecisionRecord::destination])},
                     {"destinations", masked_text(record.destinations(), max_list)},
                     {"detail", shown(DecisionRecord::detail)},
                     {"retries", record.retries()},
                     {"redirects", record.redirects()},
                     {"elapsed_ms", milliseconds(record.elapsed())},
                     {"timing", std::move(timing)}});
    return decision;
}

/// A decision on its way into the list.
struct Found
{
    std::chrono::system_clock::time_point at;
    json decision;
};

} // namespace

Cursor latest(const Sources& sources)
{
    Cursor cursor;
    for (const WorkerSource& worker : sources.workers)
        cursor.push_back(worker.decisions->latest());
    return cursor;
}

DecisionsRead read_decisions(const Sources& sources, const Cursor& cursor, std::string_view webhook, std::size_t limit)
{
    DecisionsRead read{json::array(), 0, latest(sources)};
    const bool redact = sources.snapshot->configuration().server.redact;
    std::vector<Found> found;
    for (std::size_t worker = 0; worker < sources.workers.size(); ++worker) {
        const std::uint64_t after = worker < cursor.size() ? std::min(cursor[worker], read.cursor[worker]) : 0;
        std::uint64_t seen = 0;
        read.cursor[worker] = sources.workers[worker].decisions->each(after, [&](const DecisionRecord& record) {
            ++seen;
            if (webhook.empty() || record.text(DecisionRecord::webhook) == webhook)
                found.push_back({record.at(), json_of(record, redact)});
        });
        read.dropped += read.cursor[worker] - after - seen;
    }
    std::ranges::stable_sort(found, {}, &Found::at);
    if (found.size() > limit) {
        read.dropped += found.size() - limit;
        found.erase(found.begin(), found.end() - static_cast<std::ptrdiff_t>(limit));
    }
    for (Found& each : found)
        read.decisions.push_back(std::move(each.decision));
    return read;
}

} // namespace dialhook::status
