#include "status/decisions.hpp"

#include <algorithm>

namespace dialhook::status {
namespace {

using dispatch::PastDecision;
using json = nlohmann::ordered_json;

json text_or_null(std::string_view text)
{
    return text.empty() ? json() : json(text);
}

double milliseconds(std::chrono::microseconds time)
{
    return static_cast<double>(time.count()) / 1000;
}

json json_of(const PastDecision& past, bool redact)
{
    const auto masked = [redact](std::string_view text) {
        return text_or_null(redact && !text.empty() ? "***" : text);
    };
    json decision{{"at", std::chrono::duration_cast<std::chrono::milliseconds>(past.at.time_since_epoch()).count()},
                  {"call_id", text_or_null(past.call_id)},
                  {"dialplan", masked(past.dialplan)},
                  {"webhook", text_or_null(past.webhook)},
                  {"did", masked(past.did)},
                  {"callerid", masked(past.callerid)},
                  {"callername", masked(past.callername)}};
    if (past.webhook.empty())
        return decision;
    json timing = json::object();
    for (std::size_t phase = 0; phase < past.phases.size(); ++phase)
        if (past.phases[phase].count() != 0)
            timing[std::string(net::phase_names[phase])] = milliseconds(past.phases[phase]);
    decision.update({{"branch", to_string(past.branch)},
                     {"reason", past.reason ? json(to_string(*past.reason)) : json()},
                     {"status", past.status ? json(to_string(*past.status)) : json()},
                     {"http_status", past.http_status ? json(*past.http_status) : json()},
                     {"source", text_or_null(to_string(past.source))},
                     {"destination", masked(past.destination)},
                     {"detail", text_or_null(past.detail)},
                     {"retries", past.retries},
                     {"redirects", past.redirects},
                     {"elapsed_ms", milliseconds(past.elapsed)},
                     {"timing", std::move(timing)}});
    return decision;
}

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
    std::vector<PastDecision> found;
    for (std::size_t worker = 0; worker < sources.workers.size(); ++worker) {
        const std::uint64_t after = worker < cursor.size() ? std::min(cursor[worker], read.cursor[worker]) : 0;
        auto some = sources.workers[worker].decisions->since(after);
        read.cursor[worker] = some.empty() ? read.cursor[worker] : some.back().number;
        read.lost += read.cursor[worker] - after - some.size();
        std::ranges::move(some, std::back_inserter(found));
    }
    if (!webhook.empty())
        std::erase_if(found, [webhook](const PastDecision& past) { return past.webhook != webhook; });
    std::ranges::stable_sort(found, {}, &PastDecision::at);
    if (found.size() > limit) {
        read.lost += found.size() - limit;
        found.erase(found.begin(), found.end() - static_cast<std::ptrdiff_t>(limit));
    }
    for (const PastDecision& past : found)
        read.decisions.push_back(json_of(past, sources.snapshot->configuration().server.redact));
    return read;
}

} // namespace dialhook::status
