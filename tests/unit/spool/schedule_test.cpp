#include "spool/retry_pause.hpp"
#include "spool/schedule.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <tuple>
#include <utility>

namespace dialhook::spool {
namespace {

using namespace std::chrono_literals;
using events::Kind;
using testing::ElementsAre;
using testing::IsEmpty;
using Time = Schedule::Time;
using Id = Schedule::Id;

const DeliveryTarget crm{"crm", "http://crm.lan/"};
const DeliveryTarget statistics{"statistics", "nats://nats.lan/calls"};
const DeliveryTarget webhook{"later", ""};
const Time start = Time(1'000'000s);

TEST(RetryPause, GrowsToAnHour)
{
    EXPECT_EQ(retry_pause(1, 0), 1s);
    EXPECT_EQ(retry_pause(2, 0), 5s);
    EXPECT_EQ(retry_pause(3, 0), 30s);
    EXPECT_EQ(retry_pause(4, 0), 2min);
    EXPECT_EQ(retry_pause(5, 7), 10min);
    EXPECT_EQ(retry_pause(6, 0), 55min);
    EXPECT_EQ(retry_pause(7, 600'000), 65min);
    std::mt19937 random(1);
    for (int count = 0; count < 1000; ++count) {
        const auto pause = retry_pause(8, static_cast<std::uint_fast32_t>(random()));
        EXPECT_TRUE(pause >= 55min && pause <= 65min) << pause.count();
    }
}

std::vector<Id> ids_of(const std::vector<Schedule::Entry>& entries)
{
    std::vector<Id> ids;
    for (const auto& entry : entries)
        ids.push_back(entry.id);
    return ids;
}

class ScheduleTest : public testing::Test
{
protected:
    ScheduleTest() { schedule.configure({crm, statistics}, start); }

    Schedule::Entry entry(Id id, std::uint64_t order, Kind kind = Kind::created)
    {
        return {.id = id,
                .target = schedule.index_of(crm),
                .kind = kind,
                .order = order,
                .reported = start,
                .due = start,
                .expires = start + 24h};
    }

    std::vector<Id> take_all(Time now)
    {
        std::vector<Id> taken;
        while (const auto next = schedule.take(now))
            taken.push_back(next->id);
        return taken;
    }

    std::vector<Id> expire(Time now) { return ids_of(schedule.expire(now)); }

    std::optional<Id> add(const Schedule::Entry& entry)
    {
        const auto dropped = schedule.add(entry);
        return dropped ? std::optional(dropped->id) : std::nullopt;
    }

    Schedule schedule{{.waiting = 4, .under_way = 3, .under_way_of_nats = 5}};
};

TEST_F(ScheduleTest, CarriesTheEventsOfACallOneByOneAndCallsBesideEachOther)
{
    schedule.add(entry(1, 7));
    schedule.add(entry(2, 7));
    schedule.add(entry(3, 8));
    EXPECT_THAT(take_all(start), ElementsAre(1, 3));
    schedule.delivered(1, start);
    EXPECT_THAT(take_all(start), ElementsAre(2));
}

TEST_F(ScheduleTest, AFailureHoldsTheEventsAfterIt)
{
    schedule.add(entry(1, 7));
    schedule.add(entry(2, 7));
    take_all(start);
    schedule.failed(1, start, {5s}, "connection refused");
    EXPECT_EQ(schedule.targets()[0].last_error, "connection refused");
    EXPECT_THAT(take_all(start + 5s - 1ns), IsEmpty());
    EXPECT_EQ(schedule.wake_at(), start + 5s);
    const auto again = schedule.take(start + 5s);
    ASSERT_TRUE(again);
    EXPECT_EQ(again->id, 1);
    EXPECT_EQ(again->attempts, 1U);
    schedule.delivered(1, start);
    EXPECT_THAT(take_all(start + 5s), ElementsAre(2));
    EXPECT_EQ(schedule.targets()[0].last_error, "");
}

TEST_F(ScheduleTest, WhatIsUnderWayIsAsOldAsBefore)
{
    schedule.add(entry(1, 7));
    const auto age = schedule.targets()[0].oldest;
    ASSERT_TRUE(age);
    take_all(start);
    EXPECT_EQ(schedule.targets()[0].oldest, age) << "an attempt that hangs does not hide that its event waits";
    schedule.failed(1, start, {5s}, "timeout");
    EXPECT_EQ(schedule.targets()[0].oldest, age);
    take_all(start + 5s);
    schedule.delivered(1, start + 5s);
    EXPECT_EQ(schedule.targets()[0].oldest, std::nullopt);
}

TEST_F(ScheduleTest, AfterAnOutagePausesAreOver)
{
    for (const Id id : {1, 2, 3})
        schedule.add(entry(id, static_cast<std::uint64_t>(id)));
    take_all(start);
    schedule.failed(1, start, {1h}, "connection refused");
    schedule.failed(2, start, {1h}, "connection refused");
    schedule.failed(3, start, {1h, true}, "429");
    schedule.add(entry(4, 4));
    take_all(start + Schedule::outage);
    schedule.delivered(4, start + Schedule::outage);
    EXPECT_THAT(take_all(start + Schedule::outage), ElementsAre(1, 2)) << "the third waits as long as it was asked to";
    schedule.delivered(1, start + Schedule::outage);

    schedule.failed(2, start + Schedule::outage, {1h}, "500");
    schedule.add(entry(5, 5));
    take_all(start + 2 * Schedule::outage);
    schedule.delivered(5, start + 2 * Schedule::outage);
    EXPECT_THAT(take_all(start + 30min), IsEmpty()) << "what fails all the same is not hurried again and again";
}

TEST_F(ScheduleTest, AShortFailureIsNoOutage)
{
    schedule.add(entry(1, 1));
    schedule.add(entry(2, 2));
    take_all(start);
    schedule.failed(1, start, {1h}, "500");
    schedule.delivered(2, start + Schedule::outage - 1ms);
    EXPECT_THAT(take_all(start + 59min), IsEmpty());
}

TEST_F(ScheduleTest, AnOutageBeforeARestartIsOne)
{
    auto tried = entry(1, 1);
    tried.attempts = 6;
    tried.due = start + 2h;
    schedule.add(tried);
    schedule.add(entry(2, 2));
    take_all(start + 1h);
    schedule.delivered(2, start + 1h);
    EXPECT_THAT(take_all(start + 1h), ElementsAre(1));
}

TEST_F(ScheduleTest, WhatExpiresMakesRoomForTheNext)
{
    auto first = entry(1, 7, Kind::ringing);
    first.expires = start + 1min;
    first.due = start + 2min;
    schedule.add(first);
    schedule.add(entry(2, 7));
    EXPECT_EQ(schedule.wake_at(), start + 1min);
    EXPECT_THAT(expire(start + 1min - 1ns), IsEmpty());
    EXPECT_THAT(take_all(start + 1min), IsEmpty());
    EXPECT_THAT(expire(start + 1min), ElementsAre(1));
    EXPECT_THAT(take_all(start + 1min), ElementsAre(2));
    EXPECT_EQ(schedule.targets()[0].results[static_cast<std::size_t>(Kind::ringing)].expired, 1U);
}

TEST_F(ScheduleTest, WhatIsUnderWayDoesNotExpire)
{
    schedule.add(entry(1, 7));
    take_all(start);
    EXPECT_THAT(expire(start + 25h), IsEmpty());
    schedule.failed(1, start + 25h, {1s}, "");
    EXPECT_THAT(expire(start + 25h), ElementsAre(1));
    EXPECT_EQ(schedule.size(), 0U);
}

TEST_F(ScheduleTest, BeyondTheLimitRingingGoesFirstAndEndedLast)
{
    EXPECT_FALSE(add(entry(1, 1, Kind::ended)));
    EXPECT_FALSE(add(entry(2, 2, Kind::created)));
    EXPECT_FALSE(add(entry(3, 3, Kind::ringing)));
    EXPECT_FALSE(add(entry(4, 4, Kind::ringing)));
    EXPECT_EQ(add(entry(5, 5, Kind::ended)), 3);
    EXPECT_EQ(add(entry(6, 6, Kind::ended)), 4);
    EXPECT_EQ(add(entry(7, 7, Kind::ended)), 2);
    EXPECT_EQ(add(entry(8, 8, Kind::answered)), 8);
    EXPECT_EQ(add(entry(9, 9, Kind::ended)), 1);
    EXPECT_EQ(schedule.targets()[0].waiting, 4U);
    EXPECT_EQ(schedule.targets()[0].results[static_cast<std::size_t>(Kind::ringing)].dropped, 2U);
    EXPECT_EQ(schedule.targets()[0].results[static_cast<std::size_t>(Kind::ended)].dropped, 1U);
}

TEST_F(ScheduleTest, NothingUnderWayIsDropped)
{
    for (Id id = 1; id <= 3; ++id)
        schedule.add(entry(id, static_cast<std::uint64_t>(id), Kind::ringing));
    take_all(start);
    schedule.add(entry(4, 4, Kind::ended));
    EXPECT_EQ(add(entry(5, 5, Kind::ended)), 4);
}

TEST_F(ScheduleTest, CarriesSoManyAtOnceToEachTarget)
{
    const auto nats = schedule.index_of(statistics);
    for (Id id = 1; id <= 4; ++id)
        schedule.add(entry(id, static_cast<std::uint64_t>(id)));
    EXPECT_THAT(take_all(start), ElementsAre(1, 2, 3));
    for (Id id = 11; id <= 14; ++id) {
        auto to_nats = entry(id, static_cast<std::uint64_t>(id));
        to_nats.target = nats;
        schedule.add(to_nats);
    }
    EXPECT_THAT(take_all(start), ElementsAre(11, 12, 13, 14));
    schedule.delivered(2, start);
    EXPECT_THAT(take_all(start), ElementsAre(4));
}

TEST_F(ScheduleTest, IsSwitchedOffUntilItIsConfigured)
{
    schedule.add(entry(1, 1));
    schedule.add(entry(2, 2));
    ASSERT_EQ(schedule.take(start)->id, 1);
    schedule.failed(1, start, {1h}, "410");
    EXPECT_TRUE(schedule.switch_off(1));
    EXPECT_FALSE(schedule.switch_off(1));
    EXPECT_TRUE(schedule.targets()[0].is_switched_off);
    EXPECT_THAT(take_all(start + 2h), IsEmpty());
    schedule.configure({crm}, start + 1s);
    EXPECT_FALSE(schedule.targets()[0].is_switched_off);
    EXPECT_THAT(take_all(start + 1s), ElementsAre(2, 1)) << "no pause outlives what it was for";
}

TEST_F(ScheduleTest, AReloadEndsNoPauseOfATargetThatIsOn)
{
    schedule.add(entry(1, 1));
    take_all(start);
    schedule.failed(1, start, {1h}, "500");
    schedule.configure({crm}, start + 1s);
    EXPECT_THAT(take_all(start + 1h - 1s), IsEmpty());
}

TEST_F(ScheduleTest, WhatWaitsMayExpireSooner)
{
    schedule.add(entry(1, 1));
    schedule.add(entry(2, 2, Kind::ended)); // of another kind
    auto again = entry(3, 3);
    again.expires = start + 47h; // it was sent once more after 23 hours
    schedule.add(again);
    auto short_lived = entry(4, 4);
    short_lived.expires = start + 1h; // it came when less was configured
    schedule.add(short_lived);
    ASSERT_EQ(schedule.take(start)->id, 1);
    schedule.shorten({"crm", Kind::created, 24h, 2h});
    schedule.shorten({"statistics", Kind::created, 24h, 1s});
    EXPECT_THAT(expire(start + 1h - 1ns), IsEmpty());
    EXPECT_THAT(expire(start + 1h), ElementsAre(4));
    EXPECT_THAT(expire(start + 3h), IsEmpty()) << "what is under way does not expire";
    schedule.failed(1, start + 3h, {1s}, "");
    EXPECT_THAT(expire(start + 3h), ElementsAre(1));
    EXPECT_THAT(expire(start + 24h), ElementsAre(2));
    EXPECT_THAT(expire(start + 25h - 1ns), IsEmpty());
    EXPECT_THAT(expire(start + 25h), ElementsAre(3));
}

TEST_F(ScheduleTest, WhatTheConfigurationDoesNotHaveWaits)
{
    schedule.add(entry(1, 1));
    auto call = entry(2, 0);
    call.target = schedule.index_of(webhook);
    call.kind = std::nullopt;
    schedule.add(call);
    schedule.configure({}, start);
    EXPECT_THAT(take_all(start), ElementsAre(2));
    EXPECT_THAT(expire(start + 24h), ElementsAre(1));
}

TEST_F(ScheduleTest, AWebhookIsCarriedToNoOftenerAtOnceThanItsMaxInFlight)
{
    schedule.limit_webhooks({{"later", 1}, {"crm", 1}});
    for (const Id id : {1, 2, 3, 4}) {
        auto call = entry(id, 0);
        call.target = schedule.index_of(webhook);
        call.kind = std::nullopt;
        schedule.add(call);
    }
    EXPECT_THAT(take_all(start), ElementsAre(1));
    schedule.delivered(1, start);
    EXPECT_THAT(take_all(start), ElementsAre(2));
    schedule.limit_webhooks({{"later", 2}}); // a reload
    EXPECT_THAT(take_all(start), ElementsAre(3));
    schedule.limit_webhooks({{"later", 1}});
    schedule.delivered(2, start);
    EXPECT_THAT(take_all(start), IsEmpty());
    schedule.delivered(3, start);
    EXPECT_THAT(take_all(start), ElementsAre(4));
}

TEST_F(ScheduleTest, MaxInFlightLimitsNoNotificationOfThatNameAndRaisesNoLimit)
{
    schedule.limit_webhooks({{"later", 1000}, {"crm", 1}});
    for (const Id id : {1, 2, 3, 4})
        schedule.add(entry(id, static_cast<std::uint64_t>(id)));
    EXPECT_THAT(take_all(start), ElementsAre(1, 2, 3));
    for (const Id id : {5, 6, 7, 8}) {
        auto call = entry(id, 0);
        call.target = schedule.index_of(webhook);
        call.kind = std::nullopt;
        schedule.add(call);
    }
    EXPECT_THAT(take_all(start), ElementsAre(5, 6, 7));
}

TEST_F(ScheduleTest, WhatWaitsForAUrlThatWasCorrectedGoesToTheNewOne)
{
    const DeliveryTarget typo{"crm", "http://cmr.lan/"};
    schedule.configure({typo}, start);
    for (const Id id : {1, 2, 3, 4}) {
        auto mistyped = entry(id, id <= 2 ? 7 : 8);
        mistyped.target = schedule.index_of(typo);
        schedule.add(mistyped);
    }
    EXPECT_THAT(take_all(start), ElementsAre(1, 3));
    schedule.failed(3, start, {1h, true}, "503");
    schedule.configure({crm}, start);
    schedule.move(typo, crm, start + 1s);
    schedule.add(entry(5, 7));
    EXPECT_THAT(take_all(start + 1s), ElementsAre(3)) << "the call of the first waits for the end of its attempt";
    EXPECT_FALSE(schedule.switch_off(1)) << "a 410 of the old URL says nothing of the new one";
    schedule.failed(1, start + 1s, {1h}, "410");
    const auto first = schedule.take(start + 1s);
    ASSERT_TRUE(first);
    EXPECT_EQ(first->id, 1);
    EXPECT_EQ(schedule.target(first->target), crm);
    EXPECT_EQ(first->attempts, 1U);
    schedule.delivered(1, start + 1s);
    EXPECT_THAT(take_all(start + 1s), ElementsAre(2));
    schedule.delivered(2, start + 1s);
    EXPECT_THAT(take_all(start + 1s), ElementsAre(5));
    for (const auto& state : schedule.targets())
        EXPECT_EQ(state.waiting, state.target == crm ? 3U : 0U) << state.target.url;
}

TEST_F(ScheduleTest, WhatIsDeliveredToTheOldUrlAfterAllIsDone)
{
    const DeliveryTarget typo{"crm", "http://cmr.lan/"};
    const DeliveryTarget second{"crm", "http://crm.lan/second"};
    schedule.add(entry(1, 7));
    schedule.add(entry(2, 7));
    take_all(start);
    schedule.configure({typo}, start);
    schedule.move(crm, typo, start);
    schedule.configure({second}, start);
    schedule.move(typo, second, start);
    EXPECT_THAT(take_all(start), IsEmpty());
    schedule.delivered(1, start);
    const auto next = schedule.take(start);
    ASSERT_TRUE(next);
    EXPECT_EQ(next->id, 2);
    EXPECT_EQ(schedule.target(next->target), second);
    schedule.configure({crm}, start);
    schedule.move(second, crm, start);
    schedule.delivered(2, start);
    EXPECT_EQ(schedule.size(), 0U);
    EXPECT_EQ(schedule.wake_at(), std::nullopt);
}

TEST_F(ScheduleTest, AnOldDeliveryThatIsSentAgainComesBeforeWhatWaits)
{
    schedule.add(entry(5, 7));
    schedule.add(entry(6, 7));
    ASSERT_EQ(schedule.take(start)->id, 5);
    schedule.add(entry(1, 7));
    EXPECT_THAT(take_all(start), IsEmpty());
    schedule.failed(5, start, {1s}, "");
    EXPECT_THAT(take_all(start + 1s), ElementsAre(1));
    schedule.delivered(1, start);
    EXPECT_THAT(take_all(start + 1s), ElementsAre(5));
}

TEST_F(ScheduleTest, HurriesWhatWaits)
{
    schedule.add(entry(1, 7));
    take_all(start);
    schedule.failed(1, start, {1h}, "");
    schedule.hurry(1, start + 1s);
    EXPECT_THAT(take_all(start + 1s), ElementsAre(1));
}

TEST_F(ScheduleTest, WhatCannotBeCarriedIsDropped)
{
    schedule.add(entry(1, 7));
    schedule.add(entry(2, 7));
    take_all(start);
    schedule.abandon(1);
    EXPECT_THAT(take_all(start), ElementsAre(2));
    EXPECT_EQ(schedule.targets()[0].results[static_cast<std::size_t>(Kind::created)].dropped, 1U);
}

TEST_F(ScheduleTest, ForgetsWhatWasInAFile)
{
    schedule.add(entry(1, 7));
    schedule.add(entry(2, 7));
    schedule.add(entry(3, 8));
    schedule.add(entry(10, 7));
    ASSERT_EQ(schedule.take(start)->id, 1);
    schedule.forget_below(10);
    EXPECT_EQ(schedule.targets()[0].waiting, 1U);
    EXPECT_EQ(schedule.find(1), nullptr);
    EXPECT_THAT(take_all(start), ElementsAre(10));
}

/// The rules once more, without any care for speed.
class Model
{
public:
    struct Item : Schedule::Entry
    {
        bool is_under_way = false;
        bool keeps_its_pause = false;
        std::optional<Schedule::TargetIndex> moves_to = {}; ///< when it is no longer under way

        /// Nothing else of its order may be carried there.
        bool is_busy_at(Schedule::TargetIndex place) const
        {
            return is_under_way && (target == place || moves_to == place);
        }
    };

    std::vector<Item> items;
    std::set<Schedule::TargetIndex> closed; ///< the configuration does not have them
    std::set<Schedule::TargetIndex> off;
    std::array<std::size_t, 3> limits{3, 5, 3};
    std::array<std::optional<Time>, 3> failing_since;

    Item& at(Id id)
    {
        return *std::find_if(items.begin(), items.end(), [&](const Item& item) { return item.id == id; });
    }
    void erase(Id id)
    {
        std::erase_if(items, [&](const Item& item) { return item.id == id; });
    }

    std::optional<Id> over_limit(Schedule::TargetIndex target, std::size_t limit)
    {
        const auto of_target = [&](const Item& item) { return item.target == target; };
        if (static_cast<std::size_t>(std::count_if(items.begin(), items.end(), of_target)) <= limit)
            return std::nullopt;
        const auto worth = [](const Item& item) {
            return item.kind == Kind::ringing ? 0 : item.kind == Kind::ended ? 2 : 1;
        };
        std::optional<std::pair<int, Id>> least;
        for (const Item& item : items)
            if (of_target(item) && !item.is_under_way && (!least || std::pair(worth(item), item.id) < *least))
                least.emplace(worth(item), item.id);
        if (!least)
            return std::nullopt;
        erase(least->second);
        return least->second;
    }

    /// Of those with the same order, with none of them under way.
    bool is_first(const Item& item) const
    {
        return !item.is_under_way && std::none_of(items.begin(), items.end(), [&](const Item& other) {
            return item.order != 0 && other.order == item.order &&
                   (other.is_busy_at(item.target) || (other.target == item.target && other.id < item.id));
        });
    }

    bool may_be_carried(const Item& item) const
    {
        const auto under_way = std::count_if(items.begin(), items.end(), [&](const Item& other) {
            return other.target == item.target && other.is_under_way;
        });
        return is_first(item) && !closed.contains(item.target) && !off.contains(item.target) &&
               static_cast<std::size_t>(under_way) < limits[item.target];
    }

    void deliver(Id id, Time now)
    {
        std::optional<Time>& since = failing_since[at(id).target];
        if (since && now - *since >= Schedule::outage)
            for (Item& item : items)
                if (item.target == at(id).target && is_first(item) && item.due > now && !item.keeps_its_pause) {
                    item.keeps_its_pause = true;
                    item.due = now;
                }
        since.reset();
        erase(id);
    }

    void fail(Id id, Time now, const Schedule::Pause& pause)
    {
        Item& item = at(id);
        const bool kept_before = item.keeps_its_pause;
        item.is_under_way = false;
        ++item.attempts;
        item.due = now + pause.length;
        item.keeps_its_pause = item.keeps_its_pause || pause.is_theirs;
        failing_since[item.target] = failing_since[item.target].value_or(now);
        if (!item.moves_to)
            return;
        item.target = *std::exchange(item.moves_to, std::nullopt);
        item.due = now;
        item.keeps_its_pause = kept_before;
    }

    void move(Schedule::TargetIndex from, Schedule::TargetIndex to, Time now)
    {
        for (Item& item : items) {
            if (item.moves_to.value_or(item.target) != from)
                continue;
            if (item.is_under_way) {
                item.moves_to = to == item.target ? std::nullopt : std::optional(to);
                continue;
            }
            item.target = to;
            item.due = std::min(item.due, now);
            item.keeps_its_pause = false;
        }
    }

    void shorten(Schedule::TargetIndex target, const Shortened& shortened)
    {
        for (Item& item : items)
            if (item.target == target && item.kind == shortened.kind) {
                const Time began = std::max(item.reported, item.expires - shortened.before);
                item.expires = std::min(item.expires, began + shortened.after);
            }
    }

    std::optional<Id> take(Time now)
    {
        std::optional<std::tuple<Time, Schedule::TargetIndex, Id>> best;
        for (const Item& item : items) {
            const std::tuple key(item.due, item.target, item.id);
            if (item.due <= now && may_be_carried(item) && (!best || key < *best))
                best = key;
        }
        if (!best)
            return std::nullopt;
        at(std::get<Id>(*best)).is_under_way = true;
        return std::get<Id>(*best);
    }

    std::optional<Time> wake_at() const
    {
        std::optional<Time> at;
        for (const Item& item : items) {
            if (!item.is_under_way)
                at = std::min(at.value_or(Time::max()), item.expires);
            if (may_be_carried(item))
                at = std::min(at.value_or(Time::max()), item.due);
        }
        return at;
    }

    std::vector<Id> expire(Time now)
    {
        std::vector<std::pair<Time, Id>> expired;
        for (const Item& item : items)
            if (!item.is_under_way && item.expires <= now)
                expired.emplace_back(item.expires, item.id);
        std::sort(expired.begin(), expired.end());
        std::vector<Id> ids;
        for (const auto& [at, id] : expired) {
            erase(id);
            ids.push_back(id);
        }
        return ids;
    }
};

/// One walk of random steps, in the schedule and in the model.
class Walk
{
public:
    explicit Walk(unsigned seed)
        : random_(seed)
    {
        schedule_.configure({crm, statistics}, start);
        for (const DeliveryTarget& target : {crm, statistics, webhook})
            schedule_.index_of(target);
    }

    void step()
    {
        switch (below(11)) {
        case 0:
        case 1:
        case 2:
            return add();
        case 3:
        case 4:
            return take();
        case 5:
            return conclude();
        case 6:
            now_ += std::chrono::milliseconds(below(3000));
            return expire();
        case 7:
            return below(4) == 0 ? open_or_close() : conclude();
        case 8:
            return below(8) == 0 ? hurry() : conclude();
        case 9:
            return below(8) == 0 ? reload() : take();
        default:
            return below(8) == 0 ? remove() : take();
        }
    }

    void compare()
    {
        ASSERT_EQ(schedule_.size(), model_.items.size());
        ASSERT_EQ(schedule_.wake_at(), model_.wake_at());
        for (const auto& state : schedule_.targets()) {
            const auto index = schedule_.index_of(state.target);
            std::size_t waiting = 0;
            std::optional<Time> oldest;
            for (const auto& item : model_.items) {
                if (item.target != index)
                    continue;
                ++waiting;
                oldest = std::min(oldest.value_or(Time::max()), item.reported);
            }
            ASSERT_EQ(state.waiting, waiting);
            ASSERT_EQ(state.oldest, oldest);
        }
    }

private:
    std::uint_fast32_t below(std::uint_fast32_t limit) { return static_cast<std::uint_fast32_t>(random_() % limit); }

    void add()
    {
        const auto target = static_cast<Schedule::TargetIndex>(below(3));
        // Now and then an old one is sent once more.
        const Id id = below(10) == 0 && next_id_ > 20
                          ? static_cast<Id>(below(static_cast<std::uint_fast32_t>(next_id_)))
                          : next_id_++;
        if (schedule_.find(id) != nullptr)
            return;
        // The later an id, the later it was reported.
        const Schedule::Entry entry{.id = id,
                                    .target = target,
                                    .kind = target == 2 ? std::nullopt : std::optional(static_cast<Kind>(below(5))),
                                    .order = target == 2 ? 0 : 1 + below(6),
                                    .reported = start + std::chrono::seconds(id),
                                    .due = now_ + std::chrono::milliseconds(below(3) == 0 ? below(1000) : 0),
                                    .expires = now_ + std::chrono::milliseconds(below(60'000))};
        model_.items.push_back({entry});
        const auto dropped = schedule_.add(entry);
        ASSERT_EQ(dropped ? std::optional(dropped->id) : std::nullopt, model_.over_limit(target, 12));
    }

    void take()
    {
        const auto taken = schedule_.take(now_);
        const auto expected = model_.take(now_);
        ASSERT_EQ(taken ? std::optional(taken->id) : std::nullopt, expected);
        if (expected) {
            ASSERT_EQ(taken->attempts, model_.at(*expected).attempts);
        }
    }

    void conclude()
    {
        std::vector<Id> under_way;
        for (const auto& item : model_.items)
            if (item.is_under_way)
                under_way.push_back(item.id);
        if (under_way.empty())
            return;
        const Id id = under_way[below(static_cast<std::uint_fast32_t>(under_way.size()))];
        if (below(2) == 0) {
            schedule_.delivered(id, now_);
            model_.deliver(id, now_);
            return;
        }
        const Schedule::Pause pause{std::chrono::milliseconds(below(30'000)), below(4) == 0};
        schedule_.failed(id, now_, pause, "refused");
        model_.fail(id, now_, pause);
        if (below(10) == 0) {
            schedule_.switch_off(id);
            if (!model_.closed.contains(model_.at(id).target))
                model_.off.insert(model_.at(id).target);
        }
    }

    void expire() { ASSERT_EQ(ids_of(schedule_.expire(now_)), model_.expire(now_)); }

    void open_or_close()
    {
        const bool with_crm = below(3) != 0;
        schedule_.configure(with_crm ? std::set{crm, statistics} : std::set{statistics}, now_);
        for (auto& item : model_.items)
            if (!item.is_under_way && model_.off.contains(item.target))
                item.due = std::min(item.due, now_);
        model_.off.clear();
        model_.closed.clear();
        if (!with_crm)
            model_.closed.insert(schedule_.index_of(crm));
    }

    /// Of one of the notifications.
    void reload()
    {
        const auto target = static_cast<Schedule::TargetIndex>(below(2));
        return below(2) == 0 ? move(target, 1 - target) : shorten(target);
    }

    void move(Schedule::TargetIndex from, Schedule::TargetIndex to)
    {
        schedule_.move(schedule_.target(from), schedule_.target(to), now_);
        model_.move(from, to, now_);
    }

    void shorten(Schedule::TargetIndex target)
    {
        const Shortened shortened{schedule_.target(target).name, static_cast<Kind>(below(5)), 60s,
                                  std::chrono::milliseconds(below(60'000))};
        schedule_.shorten(shortened);
        model_.shorten(target, shortened);
    }

    void hurry()
    {
        if (const auto id = any()) {
            schedule_.hurry(*id, now_);
            auto& item = model_.at(*id);
            item.due = item.is_under_way ? item.due : std::min(item.due, now_);
        }
    }

    void remove()
    {
        const auto id = any();
        if (!id || model_.at(*id).is_under_way)
            return;
        schedule_.remove(*id);
        model_.erase(*id);
    }

    std::optional<Id> any()
    {
        if (model_.items.empty())
            return std::nullopt;
        return model_.items[below(static_cast<std::uint_fast32_t>(model_.items.size()))].id;
    }

    std::mt19937 random_;
    Schedule schedule_{{.waiting = 12, .under_way = 3, .under_way_of_nats = 5}};
    Model model_;
    Time now_ = start;
    Id next_id_ = 1;
};

TEST(ScheduleModel, DoesAsTheRulesSay)
{
    for (unsigned seed = 0; seed < 40; ++seed) {
        Walk walk(seed);
        for (int step = 0; step < 500; ++step) {
            ASSERT_NO_FATAL_FAILURE(walk.step()) << "seed " << seed << ", step " << step;
            ASSERT_NO_FATAL_FAILURE(walk.compare()) << "seed " << seed << ", step " << step;
        }
    }
}

} // namespace
} // namespace dialhook::spool
