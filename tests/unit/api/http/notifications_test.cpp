#include "api/http/notifications.hpp"
#include "event_counts.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace dialhook::status {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using namespace std::chrono_literals;

constexpr std::chrono::system_clock::time_point now{1764349200s};

class Notifications : public testing::Test
{
protected:
    spool::TargetCounts& of(const char* name, const char* url)
    {
        spool::TargetCounts& counts = counts_.targets.emplace_back();
        counts.target = {name, url};
        return counts;
    }
    std::vector<std::string> trouble() const { return event_trouble(counts_, *snapshot_, now); }
    nlohmann::ordered_json rows(Urls urls = Urls::named) const { return notification_rows(counts_, *snapshot_, urls); }

    std::shared_ptr<const dispatch::Snapshot> snapshot_ =
        snapshot_with({{"bus", {"http://bus.lan/"}}, {"crm", {"http://a.lan/", "http://b.lan/"}}});
    spool::Counts counts_{.targets = {}, .seconds = {}, .has_file = true, .is_durable = true, .fault = {}};
};

TEST_F(Notifications, HaveARowForEachUrlInTheOrderOfTheConfiguration)
{
    of("crm", "http://b.lan/").delivered = 3;
    const auto rows = this->rows();
    ASSERT_EQ(rows.size(), 3U);
    EXPECT_EQ(rows[0]["name"], "bus");
    EXPECT_EQ(rows[0]["delivered"], 0);
    EXPECT_EQ(rows[2]["url"], "http://b.lan/");
    EXPECT_EQ(rows[2]["number"], 2);
    EXPECT_EQ(rows[2]["of"], 2);
    EXPECT_EQ(rows[2]["delivered"], 3);
}

TEST_F(Notifications, ThatTheConfigurationHasNoMoreAreThereAsLongAsSomethingWaits)
{
    of("old", "http://old.lan/").waiting = 2;
    of("older", "http://older.lan/").delivered = 2;
    const auto rows = this->rows();
    ASSERT_EQ(rows.size(), 4U);
    EXPECT_EQ(rows[3]["name"], "old");
    EXPECT_EQ(rows[3]["is_configured"], false);
}

TEST_F(Notifications, NameNoUrlsWhereTheyAreLeftOut)
{
    of("old", "http://old.lan/").waiting = 2;
    EXPECT_EQ(rows(Urls::left_out).dump().find("lan"), std::string::npos);
}

TEST_F(Notifications, NeedNobodyWhileAllIsWell)
{
    auto& crm = of("crm", "http://a.lan/");
    crm.waiting = 5;
    crm.oldest = now - 4min;
    crm.last_error = "HTTP status 500";
    EXPECT_THAT(trouble(), IsEmpty());
}

TEST_F(Notifications, NeedSomebodyWhenEventsWaitForLong)
{
    auto& crm = of("crm", "http://b.lan/");
    crm.waiting = 5;
    crm.oldest = now - 7min - 30s;
    crm.last_error = "HTTP status 500";
    auto& bus = of("bus", "http://bus.lan/");
    bus.waiting = 1;
    bus.oldest = now - 3h;
    EXPECT_THAT(trouble(),
                ElementsAre("notification bus: 1 event waits, the oldest for 3 h",
                            "notification crm, URL 2: 5 events wait, the oldest for 7 min; HTTP status 500"));
}

TEST_F(Notifications, NeedSomebodyWhenSwitchedOff)
{
    of("bus", "http://bus.lan/").switched_off = true;
    EXPECT_THAT(trouble(), ElementsAre(HasSubstr("notification bus is switched off")));
}

TEST_F(Notifications, NeedSomebodyWhenNothingIsStored)
{
    counts_.is_durable = false;
    counts_.fault = "the disk is full";
    EXPECT_THAT(trouble(), ElementsAre("events are not stored: the disk is full"));
    EXPECT_EQ(spool_fault(counts_, *snapshot_), "the disk is full");
}

TEST_F(Notifications, NobodyNeedsASpoolWithoutAFolderAndWithoutNotifications)
{
    snapshot_ = snapshot_with({});
    counts_ = {.targets = {}, .seconds = {}, .fault = "there is no folder"};
    EXPECT_THAT(trouble(), IsEmpty());
    EXPECT_FALSE(needs_spool(counts_, *snapshot_));
    counts_.has_file = true;
    EXPECT_THAT(trouble(), ElementsAre("events are not stored: there is no folder"));
}

TEST_F(Notifications, WaitApartFromRequestsOfWebhooks)
{
    of("crm", "http://a.lan/").waiting = 2;
    of("bus", "http://bus.lan/").waiting = 1;
    of("campaign", "").waiting = 4;
    EXPECT_EQ(waiting_in(counts_).events, 3U);
    EXPECT_EQ(waiting_in(counts_).requests, 4U);
    EXPECT_EQ(later_rows(counts_).size(), 1U);
    EXPECT_EQ(rows().size(), 3U);
}

} // namespace
} // namespace dialhook::status
