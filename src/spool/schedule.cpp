#include "spool/schedule.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace dialhook::spool {
namespace {

bool is_nats(const DeliveryTarget& target)
{
    return target.url.starts_with("nats://");
}

} // namespace

std::size_t Schedule::worth(const Entry& entry)
{
    if (entry.kind == events::Kind::ringing)
        return 0;
    return entry.kind == events::Kind::ended ? 2 : 1;
}

Results& Schedule::results(Lanes& lanes, const Entry& entry)
{
    return lanes.state.results[entry.kind ? static_cast<std::size_t>(*entry.kind) : events::kind_count];
}

std::size_t Schedule::max_under_way(const DeliveryTarget& target) const
{
    if (is_nats(target))
        return limits_.under_way_of_nats;
    const auto limit = target.is_webhook() ? in_flight_.find(target.name) : in_flight_.end();
    return limit == in_flight_.end() ? limits_.under_way : std::min(limits_.under_way, limit->second);
}

Schedule::TargetIndex Schedule::index_of(const DeliveryTarget& target)
{
    const auto [place, is_new] = indices_.try_emplace(target, static_cast<TargetIndex>(lanes_.size()));
    if (is_new) {
        Lanes& lanes = lanes_.emplace_back();
        lanes.state.target = target;
        lanes.state.is_known = target.is_webhook();
        lanes.max_under_way = max_under_way(target);
    }
    return place->second;
}

std::optional<Schedule::Entry> Schedule::add(const Entry& entry)
{
    Lanes& lanes = lanes_[entry.target];
    Held& held = entries_.try_emplace(entry.id, Held{entry}).first->second;
    if (held.order != 0)
        lanes.ordered.emplace(held.order, held.id);
    ++lanes.state.waiting;
    if (held.attempts > 0 && !lanes.failing_since) // before a restart
        lanes.failing_since = held.reported;
    wait(held);
    settle_ready(entry.target);
    if (lanes.state.waiting <= limits_.waiting)
        return std::nullopt;
    for (const auto& waiting : lanes.waiting_by_worth) {
        if (waiting.empty())
            continue;
        const Entry least = entries_.at(*waiting.begin());
        ++results(lanes, least).dropped;
        remove(least.id);
        return least;
    }
    return std::nullopt;
}

std::optional<Schedule::Entry> Schedule::take(Time now)
{
    if (ready_.empty() || ready_.begin()->first > now)
        return std::nullopt;
    const TargetIndex index = ready_.begin()->second;
    Lanes& lanes = lanes_[index];
    Held& entry = entries_.at(lanes.firsts.begin()->second);
    leave_waiting(entry);
    entry.is_under_way = true;
    lanes.under_way.push_back(entry.id);
    if (entry.order != 0)
        lanes.busy.push_back(entry.order);
    settle_ready(index);
    return entry;
}

void Schedule::delivered(Id id, Time now)
{
    Held& entry = entries_.at(id);
    Lanes& lanes = lanes_[entry.target];
    ++results(lanes, entry).delivered;
    lanes.state.last_error.clear();
    if (lanes.failing_since && now - *lanes.failing_since >= outage)
        end_pauses(lanes, now);
    lanes.failing_since.reset();
    end_under_way(entry);
    erase(id);
}

void Schedule::end_pauses(Lanes& lanes, Time now)
{
    std::vector<Id> ids;
    for (auto place = lanes.firsts.upper_bound({now, std::numeric_limits<Id>::max()}); place != lanes.firsts.end();
         ++place)
        ids.push_back(place->second);
    for (const Id id : ids) {
        Held& entry = entries_.at(id);
        if (std::exchange(entry.keeps_its_pause, true))
            continue;
        set_first(lanes, entry, false);
        entry.due = now;
        set_first(lanes, entry, true);
    }
}

void Schedule::failed(Id id, Time now, Pause pause, std::string detail)
{
    Held& entry = entries_.at(id);
    Lanes& lanes = lanes_[entry.target];
    ++results(lanes, entry).failed;
    lanes.state.last_error = std::move(detail);
    if (!lanes.failing_since)
        lanes.failing_since = now;
    if (entry.moves_to) // where nobody asked for a pause
        pause = {};
    end_under_way(entry);
    ++entry.attempts;
    entry.due = now + pause.length;
    entry.keeps_its_pause = entry.keeps_its_pause || pause.is_theirs;
    wait(entry);
    settle_ready(entry.target);
}

bool Schedule::switch_off(Id id)
{
    const TargetIndex index = entries_.at(id).target;
    TargetState& state = lanes_[index].state;
    if (!state.is_known || std::exchange(state.is_switched_off, true))
        return false;
    settle_ready(index);
    return true;
}

std::vector<Schedule::Entry> Schedule::expire(Time now)
{
    std::vector<Entry> expired;
    while (!expiring_.empty() && expiring_.begin()->first <= now) {
        const Entry entry = entries_.at(expiring_.begin()->second);
        ++results(lanes_[entry.target], entry).expired;
        remove(entry.id);
        expired.push_back(entry);
    }
    return expired;
}

void Schedule::remove(Id id)
{
    leave_waiting(entries_.at(id));
    erase(id);
}

void Schedule::abandon(Id id)
{
    Held& entry = entries_.at(id);
    ++results(lanes_[entry.target], entry).dropped;
    end_under_way(entry);
    erase(id);
}

void Schedule::forget_below(Id end)
{
    std::vector<Id> ids;
    for (const auto& [id, entry] : entries_)
        if (id < end)
            ids.push_back(id);
    for (const Id id : ids) {
        Held& entry = entries_.at(id);
        if (entry.is_under_way)
            end_under_way(entry);
        else
            leave_waiting(entry);
        erase(id);
    }
}

void Schedule::hurry(Id id, Time now)
{
    Held& entry = entries_.at(id);
    if (entry.is_under_way)
        return;
    leave_waiting(entry);
    entry.due = std::min(entry.due, now);
    wait(entry);
    settle_ready(entry.target);
}

const Schedule::Entry* Schedule::find(Id id) const
{
    const auto found = entries_.find(id);
    return found == entries_.end() ? nullptr : &found->second;
}

const DeliveryTarget& Schedule::next_target(Id id) const
{
    const Held& entry = entries_.at(id);
    return target(entry.moves_to.value_or(entry.target));
}

const Schedule::TargetState* Schedule::state_of(const DeliveryTarget& target) const
{
    const auto found = indices_.find(target);
    return found == indices_.end() ? nullptr : &lanes_[found->second].state;
}

std::optional<Schedule::Time> Schedule::wake_at() const
{
    std::optional<Time> at;
    if (!ready_.empty())
        at = ready_.begin()->first;
    if (!expiring_.empty())
        at = std::min(at.value_or(Time::max()), expiring_.begin()->first);
    return at;
}

std::vector<Schedule::TargetState> Schedule::targets() const
{
    std::vector<TargetState> states;
    for (const auto& [target, index] : indices_) {
        const Lanes& lanes = lanes_[index];
        TargetState& state = states.emplace_back(lanes.state);
        const auto consider = [&](Id id) {
            state.oldest = std::min(state.oldest.value_or(Time::max()), entries_.at(id).reported);
        };
        for (const auto& waiting : lanes.waiting_by_worth)
            if (!waiting.empty())
                consider(*waiting.begin());
        std::for_each(lanes.under_way.begin(), lanes.under_way.end(), consider);
    }
    return states;
}

/// The entry is not under way, and may be carried when its turn comes.
void Schedule::wait(Held& entry)
{
    Lanes& lanes = lanes_[entry.target];
    expiring_.emplace(entry.expires, entry.id);
    lanes.waiting_by_worth[worth(entry)].insert(entry.id);
    if (entry.order == 0)
        set_first(lanes, entry, true);
    else
        settle_first(lanes, entry.order);
}

void Schedule::leave_waiting(Held& entry)
{
    Lanes& lanes = lanes_[entry.target];
    expiring_.erase({entry.expires, entry.id});
    lanes.waiting_by_worth[worth(entry)].erase(entry.id);
    set_first(lanes, entry, false);
}

/// A lane's first may have changed.
void Schedule::settle_first(Lanes& lanes, std::uint64_t order)
{
    auto place = lanes.ordered.lower_bound({order, std::numeric_limits<Id>::min()});
    if (place == lanes.ordered.end() || place->first != order)
        return;
    const bool is_busy = std::find(lanes.busy.begin(), lanes.busy.end(), order) != lanes.busy.end();
    Held& first = entries_.at(place->second);
    // One that is sent once more is older than the one that was first.
    if (++place != lanes.ordered.end() && place->first == order)
        set_first(lanes, entries_.at(place->second), false);
    set_first(lanes, first, !is_busy);
}

void Schedule::set_first(Lanes& lanes, Held& entry, bool is_first)
{
    if (entry.is_first == is_first)
        return;
    entry.is_first = is_first;
    if (is_first)
        lanes.firsts.emplace(entry.due, entry.id);
    else
        lanes.firsts.erase({entry.due, entry.id});
}

void Schedule::end_under_way(Held& entry)
{
    Lanes& lanes = lanes_[entry.target];
    entry.is_under_way = false;
    lanes.under_way.erase(std::find(lanes.under_way.begin(), lanes.under_way.end(), entry.id));
    if (entry.order != 0)
        lanes.busy.erase(std::find(lanes.busy.begin(), lanes.busy.end(), entry.order));
    if (!entry.moves_to)
        return;
    const TargetIndex source = entry.target;
    const TargetIndex destination = *entry.moves_to;
    move_when_it_ends(entry, source);
    change_target(entry, destination);
    settle_first(lanes, entry.order);
    settle_ready(source);
}

/// Of what neither waits nor is under way any more.
void Schedule::erase(Id id)
{
    const auto place = entries_.find(id);
    const TargetIndex target = place->second.target;
    const std::uint64_t order = place->second.order;
    Lanes& lanes = lanes_[target];
    --lanes.state.waiting;
    entries_.erase(place);
    if (order != 0) {
        lanes.ordered.erase({order, id});
        settle_first(lanes, order);
    }
    settle_ready(target);
}

/// When a target may be carried to may have changed.
void Schedule::settle_ready(TargetIndex index)
{
    Lanes& lanes = lanes_[index];
    const TargetState& state = lanes.state;
    const bool is_ready = state.is_known && !state.is_switched_off && lanes.under_way.size() < lanes.max_under_way &&
                          !lanes.firsts.empty();
    std::optional<std::pair<Time, TargetIndex>> place;
    if (is_ready)
        place.emplace(lanes.firsts.begin()->first, index);
    if (place == lanes.in_ready)
        return;
    if (lanes.in_ready)
        ready_.erase(*lanes.in_ready);
    if (place)
        ready_.insert(*place);
    lanes.in_ready = place;
}

} // namespace dialhook::spool
