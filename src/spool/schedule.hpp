#pragma once

#include "events/event.hpp"
#include "spool/parcel.hpp"
#include "spool/results.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace dialhook::spool {

/// Decides what is carried when. It holds an entry for each delivery that waits or is under way, without its content,
/// and reads no clock.
///
/// Entries of one target with the same `order` are carried one at a time, the oldest first. A target has at most
/// `under_way` of them at once; of what waits for it more than `waiting` are not kept.
class Schedule
{
public:
    using Time = std::chrono::steady_clock::time_point;
    using Id = std::int64_t;
    using TargetIndex = std::uint32_t;

    struct Limits
    {
        std::size_t waiting = 100'000;
        std::size_t under_way = 16;
        std::size_t under_way_of_nats = 256; ///< which only has to write, not to work
    };

    struct Entry
    {
        Id id; ///< the newer, the higher
        TargetIndex target;
        std::optional<events::Kind> kind; ///< nullopt: a webhook
        std::uint64_t order;              ///< 0: none
        unsigned attempts = 0;            ///< that ended
        Time reported;
        Time due;
        Time expires;
    };

    /// How long what failed waits.
    struct Pause
    {
        std::chrono::milliseconds length{0};
        bool is_theirs = false; ///< the web server asked for it, and it is never cut short
    };

    /// A target that delivered nothing for so long was down; what waits for it is due once it is back.
    static constexpr std::chrono::seconds outage{10};

    /// What is known of a target.
    struct TargetState
    {
        DeliveryTarget target;
        std::array<Results, events::kind_count + 1> results; ///< by the kind of event; the last: webhooks
        std::size_t waiting = 0;                             ///< with those under way
        std::optional<Time> oldest;                          ///< reported; of those that wait or are under way
        bool is_known = true;                                ///< the configuration has it; else it is not carried
        bool is_switched_off = false;
        std::string last_error; ///< of the newest attempt, if it failed
    };

    Schedule()
        : Schedule(Limits())
    {
    }
    explicit Schedule(const Limits& limits)
        : limits_(limits)
    {
    }

    /// Returns the index of a target, which stays the same.
    TargetIndex index_of(const DeliveryTarget& target);

    /// Carries from now on, of the notifications' targets, to these alone. What was switched off is on, and all that
    /// waits for it is due.
    void configure(const std::set<DeliveryTarget>& known, Time now);

    /// Carries to these webhooks, by their names, no more at once than they bear.
    void limit_webhooks(std::map<std::string, std::size_t> in_flight);

    /// Moves what waits for `from` to `to`, and makes it due; both are of notifications. What is under way
    /// follows if it fails, and until it ends the later ones of its order wait for it.
    void move(const DeliveryTarget& from, const DeliveryTarget& to, Time now);

    /// Has what waits or is under way expire as if it had begun to wait with the shorter time. It began when it was
    /// reported, or when it was sent once more.
    void shorten(const Shortened& shortened);

    /// Returns what has to go if too many wait for the target: the oldest `ringing`, or else the oldest of another
    /// kind, or else the oldest `ended`.
    std::optional<Entry> add(const Entry& entry);

    /// Returns what is to be carried now, which is under way from then on.
    std::optional<Entry> take(Time now);

    /// Takes that the attempt of an entry under way ended well. After an outage the pauses of all others of the target
    /// are over, once for each entry: one that fails whatever comes of the others keeps its pauses.
    void delivered(Id id, Time now);

    /// Takes that it failed; it is due again after `pause`.
    void failed(Id id, Time now, Pause pause, std::string detail);

    /// Carries no more to the target of `id` until `configure`. Returns false if it was switched off already, or is
    /// none of the configuration's.
    bool switch_off(Id id);

    /// Removes what waits and has expired, and returns it.
    std::vector<Entry> expire(Time now);

    /// Gives up what waits; without counting it.
    void remove(Id id);

    /// Gives up what is under way and cannot be carried; it counts as dropped.
    void abandon(Id id);

    /// Forgets all entries of ids below `end`, and counts none.
    void forget_below(Id end);

    /// Makes what waits due now.
    void hurry(Id id, Time now);

    /// Returns null if there is none.
    const Entry* find(Id id) const;

    /// Returns where the next attempt of an entry goes: elsewhere than the one under way, if it moves when that ends.
    const DeliveryTarget& next_target(Id id) const;

    /// Returns when there may be something to take or to expire; nullopt if not before a call of another function.
    std::optional<Time> wake_at() const;

    std::size_t size() const { return entries_.size(); }
    std::vector<TargetState> targets() const;
    const DeliveryTarget& target(TargetIndex index) const { return lanes_[index].state.target; }
    /// Returns null if there is none. `oldest` is not filled in.
    const TargetState* state_of(const DeliveryTarget& target) const;

private:
    struct Held : Entry
    {
        bool is_under_way = false;
        bool is_first = false;                    ///< among `firsts` of its lanes
        bool keeps_its_pause = false;             ///< also when its target is back
        std::optional<TargetIndex> moves_to = {}; ///< when it is no longer under way
    };
    using Entries = std::unordered_map<Id, Held>;

    /// All that waits for one target. What has the same order is one lane.
    struct Lanes
    {
        TargetState state;
        std::size_t max_under_way = 0;
        std::vector<Id> under_way;                      ///< at most `max_under_way`
        std::optional<Time> failing_since;              ///< with nothing delivered after it
        std::set<std::pair<Time, Id>> firsts;           ///< of lanes of which nothing is under way
        std::set<std::pair<std::uint64_t, Id>> ordered; ///< by lane
        std::vector<std::uint64_t> busy; ///< lanes of which something is under way, or moves here when it no longer is
        std::array<std::set<Id>, 3> waiting_by_worth;         ///< the least worth first
        std::optional<std::pair<Time, TargetIndex>> in_ready; ///< where it stands in `ready_`
    };

    static std::size_t worth(const Entry& entry);
    static Results& results(Lanes& lanes, const Entry& entry);
    std::size_t max_under_way(const DeliveryTarget& target) const;
    void end_pauses(Lanes& lanes, Time now);
    void hurry_all(Lanes& lanes, Time now);
    void wait(Held& entry);
    void leave_waiting(Held& entry);
    void settle_first(Lanes& lanes, std::uint64_t order);
    void set_first(Lanes& lanes, Held& entry, bool is_first);
    void end_under_way(Held& entry);
    void move_when_it_ends(Held& entry, TargetIndex to);
    void change_target(Held& entry, TargetIndex to);
    void erase(Id id);
    void settle_ready(TargetIndex index);

    Limits limits_;
    std::map<std::string, std::size_t> in_flight_; ///< of webhooks
    std::map<DeliveryTarget, TargetIndex> indices_;
    std::vector<Lanes> lanes_;
    Entries entries_;
    std::set<std::pair<Time, Id>> expiring_;       ///< of what waits
    std::set<std::pair<Time, TargetIndex>> ready_; ///< targets that may be carried to, by their first due time
};

} // namespace dialhook::spool
