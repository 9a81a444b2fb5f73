#include "api/http/activity.hpp"

#include "base/ascii.hpp"
#include "base/utc.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <tuple>
#include <vector>

namespace dialhook::status {
namespace {

using json = nlohmann::ordered_json;
using namespace std::chrono_literals;

constexpr auto interval = 1s;
constexpr auto max_pause = 5s;

/// Returns milliseconds with three decimals; null if nothing was observed.
json quantile(const dispatch::Distribution& distribution, double share)
{
    if (distribution.total() == 0)
        return nullptr;
    const std::chrono::duration<double, std::micro> value = distribution.quantile(share);
    return static_cast<double>(static_cast<std::int64_t>(value.count())) / 1000;
}

using dispatch::Breaker;

bool is_open(const dispatch::ResolvedWebhook& resolved)
{
    return resolved.breaker && resolved.breaker->state(Breaker::Clock::now()) != Breaker::State::closed;
}

/// Returns null if it never failed, apart from NAKs and the like.
json last_failure(const dispatch::ResolvedWebhook& resolved)
{
    const auto last = resolved.state->last_failure.read(resolved.state->metrics);
    if (!last)
        return nullptr;
    json told{{"at", milliseconds_since_1970(last->at)}, {"in_a_row", last->in_a_row}, {"reason", nullptr}};
    if (!last->cause)
        return told;
    told["reason"] = to_string(*last->cause);
    told["reason_at"] = milliseconds_since_1970(last->cause_at);
    told["http_status"] = last->http_status ? json(*last->http_status) : json();
    told["detail"] = last->detail;
    return told;
}

/// Returns the upper bound of a quantile; below zero if nothing was observed.
double quantile_or_none(const dispatch::Distribution& distribution, double share)
{
    return distribution.total() == 0 ? -1 : std::chrono::duration<double>(distribution.quantile(share)).count();
}

/// Returns whether `name` contains `part`, ignoring the case of ASCII letters.
bool holds(std::string_view name, std::string_view part)
{
    const auto same = [](char left, char right) { return ascii::lower(left) == ascii::lower(right); };
    return std::search(name.begin(), name.end(), part.begin(), part.end(), same) != name.end() || part.empty();
}

} // namespace

void Activity::update(const Sources& sources, net::TimePoint now)
{
    if (now > next_at_ + max_pause) {
        tracks_.clear();
        refused_.clear();
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
    std::uint64_t refused = 0;
    for (const WorkerSource& worker : sources.workers)
        for (std::size_t code = 0; code < dispatch::EngineErrors::codes.size(); ++code)
            refused += worker.metrics->engine_errors.at(code);
    refused_.push_back(refused);
    if (refused_.size() > seconds_kept + 1)
        refused_.pop_front();

    decltype(tracks_) before;
    before.swap(tracks_);
    std::vector<const dispatch::ResolvedWebhook*> others;
    for (const dispatch::ResolvedWebhook& resolved : sources.snapshot->webhooks()) {
        if (!resolved.state->metrics.has_any())
            continue;
        const auto last = resolved.state->last_failure.read(resolved.state->metrics);
        if (last && last->in_a_row != 0)
            follow(resolved, before);
        else
            others.push_back(&resolved);
    }
    for (const dispatch::ResolvedWebhook* const resolved : others)
        follow(*resolved, before);
}

void Activity::follow(const dispatch::ResolvedWebhook& resolved,
                      std::unordered_map<const dispatch::WebhookState*, Track>& before)
{
    if (tracks_.size() == max_tracks)
        return;
    const dispatch::WebhookTotals totals = resolved.state->metrics.totals();
    const auto answered = dispatch::Answered::of(resolved.state->metrics);
    Track track;
    if (const auto known = before.find(resolved.state.get()); known != before.end())
        track = std::move(known->second);
    else if (sample_ != first_sample_ && before.size() < max_tracks)
        track.samples.emplace_back(); // it was not dispatched yet when the others were sampled
    track.samples.push_back({totals.successes, totals.all_failures(), answered.declined, totals.seconds});
    if (track.samples.size() > seconds_kept + 1)
        track.samples.pop_front();
    tracks_.emplace(resolved.state.get(), std::move(track));
}

Activity::Calls Activity::all() const
{
    Calls all;
    for (const auto& [state, track] : tracks_) {
        const Counts& now = track.samples.back();
        const Counts& before = track.samples.front();
        all.failures += now.failures - before.failures;
        all.declined += now.declined - before.declined;
        all.calls += now.successes - before.successes + now.failures - before.failures;
    }
    return all;
}

const Activity::Track* Activity::track_of(const dispatch::ResolvedWebhook& resolved) const
{
    const auto found = tracks_.find(resolved.state.get());
    return found == tracks_.end() ? nullptr : &found->second;
}

Activity::Calls Activity::calls_of(const dispatch::ResolvedWebhook& resolved) const
{
    const Track* const track = track_of(resolved);
    if (track == nullptr)
        return {};
    const Counts& now = track->samples.back();
    const Counts& before = track->samples.front();
    const auto failures = now.failures - before.failures;
    return {now.successes - before.successes + failures, failures, now.declined - before.declined};
}

/// Returns whether its breaker is not closed, its last calls failed, or one in ten fails. A single failure does not
/// count if it answers.
bool Activity::is_failing(const dispatch::ResolvedWebhook& resolved) const
{
    if (is_open(resolved))
        return true;
    const auto last = resolved.state->last_failure.read(resolved.state->metrics);
    if (!last)
        return false;
    if (last->in_a_row >= 2 || (last->in_a_row == 1 && dispatch::Answered::of(resolved.state->metrics).answers() == 0))
        return true;
    const Calls calls = calls_of(resolved);
    const auto faults = calls.failures - calls.declined;
    return faults >= 3 && faults * 10 > calls.calls;
}

/// The smallest comes first.
double Activity::rank_of(const dispatch::ResolvedWebhook& resolved, Order order) const
{
    const Calls calls = calls_of(resolved);
    const auto share_of_failures = calls.calls == 0 ? -1 : double(calls.failures) / double(calls.calls);
    const auto time = [&](double share) {
        const Track* const track = track_of(resolved);
        return track == nullptr
                   ? -1
                   : quantile_or_none(track->samples.back().seconds.since(track->samples.front().seconds), share);
    };
    switch (order) {
    case Order::name:
        return 0;
    case Order::success:
        return -share_of_failures;
    case Order::p50:
        return -time(0.5);
    case Order::p99:
        return -time(0.99);
    case Order::in_flight:
        return -double(resolved.state->in_flight.load(std::memory_order_relaxed));
    case Order::trouble:
    case Order::calls:
        break;
    }
    return -double(calls.calls);
}

/// Returns for each of the last seconds: calls, failures, p50, p99, and how many of the failures are no fault.
json Activity::points_of(const Track& track, std::size_t count) const
{
    json points = json::array();
    const auto& samples = track.samples;
    for (std::size_t at = samples.size() > count ? samples.size() - count : 1; at < samples.size(); ++at) {
        const Counts& now = samples[at];
        const Counts& before = samples[at - 1];
        const auto failures = now.failures - before.failures;
        const auto seconds = now.seconds.since(before.seconds);
        points.push_back({now.successes - before.successes + failures, failures, quantile(seconds, 0.5),
                          quantile(seconds, 0.99), now.declined - before.declined});
    }
    return points;
}

json Activity::row(const dispatch::ResolvedWebhook& resolved, std::size_t points) const
{
    const auto answered = dispatch::Answered::of(resolved.state->metrics);
    const Calls calls = calls_of(resolved);
    const json breaker =
        resolved.breaker ? json(Breaker::to_string(resolved.breaker->state(Breaker::Clock::now()))) : json();
    json row{{"name", resolved.webhook->name.str()},
             {"description", resolved.webhook->description},
             {"timeout_ms", resolved.webhook->timeout.count()},
             {"circuit_breaker", breaker},
             {"is_failing", is_failing(resolved)},
             {"last_failure", last_failure(resolved)},
             {"in_flight", resolved.state->in_flight.load(std::memory_order_relaxed)},
             {"total", {{"success", answered.successes}, {"failure", answered.declined + answered.faults}}},
             {"calls", calls.calls},
             {"failures", calls.failures},
             {"declined", calls.declined},
             {"p50_ms", nullptr},
             {"p99_ms", nullptr}};
    if (const Track* const track = track_of(resolved)) {
        const auto seconds = track->samples.back().seconds.since(track->samples.front().seconds);
        row["p50_ms"] = quantile(seconds, 0.5);
        row["p99_ms"] = quantile(seconds, 0.99);
        if (points != 0)
            row["points"] = points_of(*track, points);
    }
    return row;
}

json Activity::rows(const Sources& sources, const Wanted& wanted) const
{
    struct Place
    {
        bool is_well; ///< counts only in the order `trouble`
        bool is_closed;
        double rank;
        bool was_never_dispatched;
        const dispatch::ResolvedWebhook* resolved;

        auto order() const
        {
            return std::tuple(is_well, is_closed, rank, was_never_dispatched, resolved);
        } // webhooks are sorted by name
    };
    std::vector<Place> places;
    const bool by_trouble = wanted.order == Order::trouble;
    for (const dispatch::ResolvedWebhook& resolved : sources.snapshot->webhooks()) {
        if (!holds(resolved.webhook->name.str(), wanted.filter))
            continue;
        const bool was_never_dispatched = !resolved.state->metrics.has_any();
        places.push_back({by_trouble && !is_failing(resolved), by_trouble && !is_open(resolved),
                          rank_of(resolved, wanted.order), wanted.order != Order::name && was_never_dispatched,
                          &resolved});
    }
    const auto shown = std::min(wanted.limit, places.size());
    std::partial_sort(places.begin(), places.begin() + static_cast<std::ptrdiff_t>(shown), places.end(),
                      [](const Place& left, const Place& right) { return left.order() < right.order(); });
    json rows = json::array();
    bool has_selected = wanted.selected.empty();
    for (std::size_t at = 0; at < shown; ++at) {
        rows.push_back(row(*places[at].resolved, wanted.points));
        has_selected = has_selected || places[at].resolved->webhook->name.str() == wanted.selected;
    }
    if (!has_selected)
        if (const dispatch::ResolvedWebhook* const resolved = sources.snapshot->find(wanted.selected);
            resolved != nullptr && holds(wanted.selected, wanted.filter))
            rows.push_back(row(*resolved, wanted.points));
    return rows;
}

} // namespace dialhook::status
