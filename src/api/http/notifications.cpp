#include "api/http/notifications.hpp"

#include "base/utc.hpp"
#include "events/words.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace dialhook::status {
namespace {

using json = nlohmann::ordered_json;
using spool::DeliveryTarget;
using spool::TargetCounts;

/// Returns null if the spool has not heard of the target.
const TargetCounts* find(const spool::Counts& counts, const DeliveryTarget& target)
{
    const auto found = std::ranges::find(counts.targets, target, &TargetCounts::target);
    return found == counts.targets.end() ? nullptr : &*found;
}

json figures_of(const TargetCounts& counts)
{
    return {{"waiting", counts.waiting},
            {"oldest_at", counts.oldest ? json(milliseconds_since_1970(*counts.oldest)) : json()},
            {"delivered", counts.delivered},
            {"failed", counts.failed},
            {"expired", counts.expired},
            {"dropped", counts.dropped},
            {"is_off", counts.switched_off},
            {"last_error", counts.last_error.empty() ? json() : json(counts.last_error)}};
}

/// One URL among those of its notification.
struct Place
{
    DeliveryTarget target;
    std::size_t number; ///< from 1
    std::size_t of;
    const events::Notification* notification; ///< null: the configuration has it no more
};

std::vector<Place> configured(const dispatch::Snapshot& snapshot)
{
    std::vector<Place> places;
    for (const dispatch::ResolvedNotification& resolved : snapshot.notifications()) {
        const events::Notification& notification = *resolved.notification;
        std::size_t number = 0;
        for (const events::NotificationUrl& url : notification.urls)
            places.push_back(
                {{notification.name.str(), events::shown(url)}, ++number, notification.urls.size(), &notification});
    }
    return places;
}

json row_of(const Place& place, const TargetCounts& counts, Urls urls)
{
    const bool is_configured = place.notification != nullptr;
    json row{{"name", place.target.name}, {"number", place.number}, {"of", place.of}};
    if (urls == Urls::named)
        row["url"] = place.target.url;
    row.update({{"description", is_configured ? place.notification->description : std::string()},
                {"is_configured", is_configured}});
    row.update(figures_of(counts));
    return row;
}

/// Returns `7 min`, `3 h` or `2 d`: what is below that does not matter here.
std::string in_words(std::chrono::system_clock::duration time)
{
    using namespace std::chrono_literals;
    const auto minutes = std::chrono::floor<std::chrono::minutes>(time);
    if (minutes < 1h)
        return std::to_string(minutes.count()) + " min";
    if (minutes < 48h)
        return std::to_string(minutes / 1h) + " h";
    return std::to_string(minutes / 24h) + " d";
}

/// Returns nullopt if nothing is wrong with it.
std::optional<std::string> trouble_of(const Place& place, const TargetCounts& counts,
                                      std::chrono::system_clock::time_point now)
{
    std::string named = "notification " + place.target.name;
    if (place.of > 1)
        named += ", URL " + std::to_string(place.number);
    if (counts.switched_off)
        return named + " is switched off: its web server says that it is gone; repair or remove it, and reload";
    if (!counts.oldest || now - *counts.oldest < long_wait)
        return std::nullopt;
    return named + ": " + std::to_string(counts.waiting) + (counts.waiting == 1 ? " event waits" : " events wait") +
           ", the oldest for " + in_words(now - *counts.oldest) +
           (counts.last_error.empty() ? "" : "; " + counts.last_error);
}

} // namespace

json notification_rows(const spool::Counts& counts, const dispatch::Snapshot& snapshot, Urls urls)
{
    json rows = json::array();
    const std::vector<Place> places = configured(snapshot);
    for (const Place& place : places) {
        const TargetCounts* const known = find(counts, place.target);
        rows.push_back(row_of(place, known != nullptr ? *known : TargetCounts(), urls));
    }
    for (const TargetCounts& known : counts.targets)
        if (!known.target.is_webhook() && known.waiting != 0 &&
            std::ranges::find(places, known.target, &Place::target) == places.end())
            rows.push_back(row_of({known.target, 1, 1, nullptr}, known, urls));
    return rows;
}

json later_rows(const spool::Counts& counts)
{
    json rows = json::array();
    for (const TargetCounts& known : counts.targets)
        if (known.target.is_webhook()) {
            json row{{"webhook", known.target.name}};
            row.update(figures_of(known));
            rows.push_back(std::move(row));
        }
    return rows;
}

Waiting waiting_in(const spool::Counts& counts)
{
    Waiting waiting;
    for (const TargetCounts& known : counts.targets)
        (known.target.is_webhook() ? waiting.requests : waiting.events) += known.waiting;
    return waiting;
}

bool needs_spool(const spool::Counts& counts, const dispatch::Snapshot& snapshot)
{
    return counts.has_file || !snapshot.notifications().empty();
}

std::string spool_fault(const spool::Counts& counts, const dispatch::Snapshot& snapshot)
{
    return needs_spool(counts, snapshot) ? counts.fault : std::string();
}

std::vector<std::string> event_trouble(const spool::Counts& counts, const dispatch::Snapshot& snapshot,
                                       std::chrono::system_clock::time_point now)
{
    std::vector<std::string> trouble;
    if (const std::string fault = spool_fault(counts, snapshot); !fault.empty())
        trouble.push_back("events are not stored: " + fault);
    for (const Place& place : configured(snapshot))
        if (const TargetCounts* const known = find(counts, place.target))
            if (auto told = trouble_of(place, *known, now))
                trouble.push_back(*std::move(told));
    return trouble;
}

} // namespace dialhook::status
