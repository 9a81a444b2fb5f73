#include "status/activity.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <tuple>
#include <vector>

namespace dialhook::status {
namespace {

using json = nlohmann::ordered_json;
using namespace std::chrono_literals;

constexpr auto interval = 1s;
constexpr auto longest_pause = 5s;

/// In milliseconds with three digits behind the point; null: nothing was observed.
json quantile(const dispatch::Distribution& distribution, double share)
{
    if (distribution.total() == 0)
        return nullptr;
    const std::chrono::duration<double, std::micro> value = distribution.quantile(share);
    return static_cast<double>(static_cast<std::int64_t>(value.count())) / 1000;
}

json breaker_state(const dispatch::Hook& hook)
{
    using dispatch::Breaker;
    if (!hook.breaker)
        return nullptr;
    switch (hook.breaker->state(Breaker::Clock::now())) {
    case Breaker::State::closed:
        return "closed";
    case Breaker::State::open:
        return "open";
    case Breaker::State::half_open:
        return "half_open";
    }
    return nullptr;
}

bool is_open(const dispatch::Hook& hook)
{
    using dispatch::Breaker;
    return hook.breaker && hook.breaker->state(Breaker::Clock::now()) != Breaker::State::closed;
}

/// Whether `part` is in `name`; ASCII letters in any case.
bool holds(std::string_view name, std::string_view part)
{
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    const auto same = [lower](char left, char right) { return lower(left) == lower(right); };
    return std::search(name.begin(), name.end(), part.begin(), part.end(), same) != name.end() || part.empty();
}

} // namespace

void Activity::update(const Sources& sources, net::TimePoint now)
{
    if (now > next_at_ + longest_pause) {
        tracks_.clear();
        first_sample_ = ++sample_;
        next_at_ = now + interval;
        take_sample(sources);
    }
    while (now >= next_at_) {
        ++sample_;
        next_at_ += interval;
        take_sample(sources);
    }
}

std::size_t Activity::window() const
{
    return std::min<std::size_t>(sample_ - first_sample_, seconds_kept);
}

void Activity::take_sample(const Sources& sources)
{
    decltype(tracks_) before;
    before.swap(tracks_);
    for (const dispatch::Hook& hook : sources.snapshot->hooks()) {
        if (!hook.state->tallies.has_any() || tracks_.size() == most_tracks)
            continue;
        const dispatch::WebhookTotals totals = hook.state->tallies.totals();
        Track track;
        if (const auto known = before.find(hook.state.get()); known != before.end())
            track = std::move(known->second);
        else if (sample_ != first_sample_)
            track.samples.emplace_back(); // it had not fired when the others were sampled
        track.samples.push_back({totals.successes, totals.all_failures(), totals.seconds});
        if (track.samples.size() > seconds_kept + 1)
            track.samples.pop_front();
        tracks_.emplace(hook.state.get(), std::move(track));
    }
}

Activity::Calls Activity::all() const
{
    Calls all;
    for (const auto& [state, track] : tracks_) {
        const Counts& now = track.samples.back();
        const Counts& before = track.samples.front();
        all.failures += now.failures - before.failures;
        all.calls += now.successes - before.successes + now.failures - before.failures;
    }
    return all;
}

const Activity::Track* Activity::track_of(const dispatch::Hook& hook) const
{
    const auto found = tracks_.find(hook.state.get());
    return found == tracks_.end() ? nullptr : &found->second;
}

/// What is told of each of the last seconds: calls, failures among them, p50 and p99.
json Activity::points_of(const Track& track, std::size_t count) const
{
    json points = json::array();
    const auto& samples = track.samples;
    for (std::size_t at = samples.size() > count ? samples.size() - count : 1; at < samples.size(); ++at) {
        const Counts& now = samples[at];
        const Counts& before = samples[at - 1];
        const auto failures = now.failures - before.failures;
        const auto seconds = now.seconds.since(before.seconds);
        points.push_back(
            {now.successes - before.successes + failures, failures, quantile(seconds, 0.5), quantile(seconds, 0.99)});
    }
    return points;
}

json Activity::row(const dispatch::Hook& hook, std::size_t points) const
{
    const dispatch::WebhookTotals totals = hook.state->tallies.totals();
    json row{{"name", hook.webhook->name.str()},
             {"timeout_ms", hook.webhook->timeout.count()},
             {"circuit_breaker", breaker_state(hook)},
             {"in_flight", hook.state->in_flight.load(std::memory_order_relaxed)},
             {"total", {{"success", totals.successes}, {"failure", totals.all_failures()}}},
             {"calls", 0},
             {"failures", 0},
             {"p50_ms", nullptr},
             {"p99_ms", nullptr}};
    if (const Track* const track = track_of(hook)) {
        const Counts& now = track->samples.back();
        const Counts& before = track->samples.front();
        const auto seconds = now.seconds.since(before.seconds);
        row["failures"] = now.failures - before.failures;
        row["calls"] = now.successes - before.successes + now.failures - before.failures;
        row["p50_ms"] = quantile(seconds, 0.5);
        row["p99_ms"] = quantile(seconds, 0.99);
        if (points != 0)
            row["points"] = points_of(*track, points);
    }
    return row;
}

json Activity::rows(const Sources& sources, std::string_view filter, std::size_t limit, std::size_t points) const
{
    struct Place
    {
        bool is_closed;
        std::uint64_t fewer_calls; ///< the negative of the calls
        bool was_never_fired;
        const dispatch::Hook* hook;

        auto order() const { return std::tuple(is_closed, fewer_calls, was_never_fired, hook); } // hooks lie by name
    };
    std::vector<Place> places;
    for (const dispatch::Hook& hook : sources.snapshot->hooks()) {
        if (!holds(hook.webhook->name.str(), filter))
            continue;
        std::uint64_t calls = 0;
        if (const Track* const track = track_of(hook)) {
            const Counts& now = track->samples.back();
            const Counts& before = track->samples.front();
            calls = now.successes + now.failures - before.successes - before.failures;
        }
        places.push_back({!is_open(hook), ~calls, !hook.state->tallies.has_any(), &hook});
    }
    const auto shown = std::min(limit, places.size());
    std::partial_sort(places.begin(), places.begin() + static_cast<std::ptrdiff_t>(shown), places.end(),
                      [](const Place& left, const Place& right) { return left.order() < right.order(); });
    json rows = json::array();
    for (std::size_t at = 0; at < shown; ++at)
        rows.push_back(row(*places[at].hook, points));
    return rows;
}

} // namespace dialhook::status
