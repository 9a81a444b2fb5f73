#include "api/http/event_metrics.hpp"

#include "api/http/notifications.hpp"
#include "events/words.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace dialhook::status {
namespace {

using spool::Results;

/// All URLs of a notification together.
struct Sum
{
    std::array<Results, events::kind_count> by_kind{};
    std::uint64_t waiting = 0;
    std::optional<std::chrono::system_clock::time_point> oldest;
    bool is_off = false; ///< one of them

    void add(const spool::TargetCounts& counts)
    {
        for (std::size_t kind = 0; kind < by_kind.size(); ++kind)
            add(by_kind[kind], counts.by_event[kind]);
        waiting += counts.waiting;
        if (counts.oldest)
            oldest = std::min(oldest.value_or(*counts.oldest), *counts.oldest);
        is_off |= counts.switched_off;
    }

private:
    static void add(Results& sum, const Results& more)
    {
        sum.delivered += more.delivered;
        sum.failed += more.failed;
        sum.expired += more.expired;
        sum.dropped += more.dropped;
    }
};
using Sums = std::map<std::string, Sum>;

/// Returns sums by the name of each notification of the configuration, and of those with events waiting or delivered.
Sums sums_of(const spool::Counts& counts, const dispatch::Snapshot& snapshot)
{
    Sums sums;
    for (const dispatch::ResolvedNotification& resolved : snapshot.notifications())
        sums.try_emplace(resolved.notification->name.str());
    for (const spool::TargetCounts& target : counts.targets)
        if (!target.target.is_webhook())
            sums[target.target.name].add(target);
    return sums;
}

/// Zeros too: an alert on their increase must see the first one.
void append_results(Exposition& out, const Sums& sums, std::uint64_t late)
{
    const MetricFamily family{"dialhook_events_total", MetricType::counter,
                              "Events by notification and what became of them: delivered, failed (attempts), expired, "
                              "dropped; late is a report after its call's end, and of no notification."};
    out.begin(family);
    constexpr std::array<std::pair<std::string_view, std::uint64_t Results::*>, 4> results{
        {{"delivered", &Results::delivered},
         {"failed", &Results::failed},
         {"expired", &Results::expired},
         {"dropped", &Results::dropped}}};
    for (const auto& [name, sum] : sums)
        for (std::size_t kind = 0; kind < events::kind_count; ++kind)
            for (const auto& [result, count] : results)
                out.sample(family.name,
                           {{"notification", name}, {"event", events::kind_names[kind]}, {"result", result}},
                           sum.by_kind[kind].*count);
    out.sample(family.name, {{"notification", ""}, {"event", ""}, {"result", "late"}}, late);
}

double seconds(std::chrono::system_clock::duration time)
{
    return std::chrono::duration<double>(std::chrono::floor<std::chrono::milliseconds>(time)).count();
}

void append_waiting(Exposition& out, const Sums& sums, std::chrono::system_clock::time_point now)
{
    const MetricFamily waiting{"dialhook_events_waiting", MetricType::gauge,
                               "Events that wait for delivery or are under way, once for each URL."};
    out.begin(waiting);
    for (const auto& [name, sum] : sums)
        out.sample(waiting.name, {{"notification", name}}, sum.waiting);
    const MetricFamily oldest{"dialhook_events_oldest_age_seconds", MetricType::gauge,
                              "How long the oldest of them has waited; 0 when none waits."};
    out.begin(oldest);
    for (const auto& [name, sum] : sums)
        out.sample(oldest.name, {{"notification", name}}, sum.oldest ? std::max(seconds(now - *sum.oldest), 0.0) : 0.0);
    const MetricFamily off{"dialhook_notification_off", MetricType::gauge,
                           "1 after a web server answered 410 Gone, until a reload; else 0."};
    out.begin(off);
    for (const auto& [name, sum] : sums)
        out.sample(off.name, {{"notification", name}}, std::uint64_t{sum.is_off ? 1U : 0U});
}

void append_seconds(Exposition& out, const spool::Counts& counts)
{
    const MetricFamily family{"dialhook_event_seconds", MetricType::histogram,
                              "Time from the report of an event to its delivery."};
    out.begin(family);
    for (const auto& [name, distribution] : counts.seconds)
        out.samples(family.name, {{"notification", name}}, distribution);
}

void append_spool(Exposition& out, const spool::Counts& counts, const dispatch::Snapshot& snapshot)
{
    const MetricFamily bytes{"dialhook_spool_bytes", MetricType::gauge, "Size of the spool's files."};
    out.begin(bytes);
    out.sample(bytes.name, {}, counts.bytes);
    const MetricFamily durable{"dialhook_spool_durable", MetricType::gauge,
                               "1 while the spool's file takes what it is told, else 0; absent while nobody needs it."};
    out.begin(durable);
    if (needs_spool(counts, snapshot))
        out.sample(durable.name, {}, std::uint64_t{counts.is_durable ? 1U : 0U});
}

} // namespace

void append_events(Exposition& out, const spool::Counts& counts, const dispatch::Snapshot& snapshot,
                   std::chrono::system_clock::time_point now)
{
    const Sums sums = sums_of(counts, snapshot);
    append_results(out, sums, counts.late_reports);
    append_waiting(out, sums, now);
    append_seconds(out, counts);
    append_spool(out, counts, snapshot);
}

} // namespace dialhook::status
