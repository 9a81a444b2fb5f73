#include "spool/schedule.hpp"

#include <algorithm>
#include <utility>

// What a reload changes for what waits.
namespace dialhook::spool {

void Schedule::configure(const std::set<DeliveryTarget>& known, Time now)
{
    for (const DeliveryTarget& target : known)
        index_of(target);
    for (TargetIndex index = 0; index < lanes_.size(); ++index) {
        TargetState& state = lanes_[index].state;
        state.is_known = state.target.is_webhook() || known.contains(state.target);
        if (std::exchange(state.is_switched_off, false))
            hurry_all(lanes_[index], now);
        settle_ready(index);
    }
}

void Schedule::limit_webhooks(std::map<std::string, std::size_t> in_flight)
{
    in_flight_ = std::move(in_flight);
    for (TargetIndex index = 0; index < lanes_.size(); ++index) {
        lanes_[index].max_under_way = max_under_way(lanes_[index].state.target);
        settle_ready(index);
    }
}

void Schedule::hurry_all(Lanes& lanes, Time now)
{
    for (const auto& waiting : lanes.waiting_by_worth)
        for (const Id id : waiting) {
            Held& entry = entries_.at(id);
            const bool is_first = entry.is_first;
            set_first(lanes, entry, false);
            entry.due = std::min(entry.due, now);
            set_first(lanes, entry, is_first);
        }
}

void Schedule::shorten(const Shortened& shortened)
{
    for (auto& [id, entry] : entries_) {
        if (entry.kind != shortened.kind || target(entry.target).name != shortened.notification)
            continue;
        const Time began = std::max(entry.reported, entry.expires - shortened.before);
        const Time expires = std::min(entry.expires, began + shortened.after);
        if (!entry.is_under_way) {
            expiring_.erase({entry.expires, id});
            expiring_.emplace(expires, id);
        }
        entry.expires = expires;
    }
}

void Schedule::move(const DeliveryTarget& from, const DeliveryTarget& to, Time now)
{
    const TargetIndex source = index_of(from);
    const TargetIndex destination = index_of(to);
    std::vector<Id> ids;
    for (const auto& waiting : lanes_[source].waiting_by_worth)
        ids.insert(ids.end(), waiting.begin(), waiting.end());
    for (auto& [id, entry] : entries_)
        if (entry.is_under_way && entry.moves_to.value_or(entry.target) == source)
            move_when_it_ends(entry, destination);
    for (const Id id : ids) {
        Held& entry = entries_.at(id);
        leave_waiting(entry);
        change_target(entry, destination);
        entry.due = std::min(entry.due, now);
        entry.keeps_its_pause = false;
        wait(entry);
    }
    settle_ready(source);
    settle_ready(destination);
}

/// Until then its order is busy there too.
void Schedule::move_when_it_ends(Held& entry, TargetIndex to)
{
    if (entry.moves_to) {
        auto& busy = lanes_[*entry.moves_to].busy;
        busy.erase(std::find(busy.begin(), busy.end(), entry.order));
        entry.moves_to.reset();
    }
    if (to == entry.target)
        return;
    entry.moves_to = to;
    lanes_[to].busy.push_back(entry.order);
    settle_first(lanes_[to], entry.order);
}

/// Of what neither waits nor is under way.
void Schedule::change_target(Held& entry, TargetIndex to)
{
    Lanes& source = lanes_[entry.target];
    --source.state.waiting;
    source.ordered.erase({entry.order, entry.id});
    Lanes& destination = lanes_[to];
    ++destination.state.waiting;
    destination.ordered.emplace(entry.order, entry.id);
    entry.target = to;
}

} // namespace dialhook::spool
