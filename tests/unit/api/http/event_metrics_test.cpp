#include "api/http/event_metrics.hpp"
#include "event_counts.hpp"

#include <gmock/gmock.h>

namespace dialhook::status {
namespace {

using events::Kind;
using testing::HasSubstr;
using testing::Not;
using namespace std::chrono_literals;

constexpr std::chrono::system_clock::time_point now{1764349200s};

class EventMetrics : public testing::Test
{
protected:
    spool::TargetCounts& of(const char* name, const char* url)
    {
        spool::TargetCounts& counts = counts_.targets.emplace_back();
        counts.target = {name, url};
        return counts;
    }
    std::string text() const
    {
        std::string text;
        Exposition exposition(text);
        append_events(exposition, counts_, *snapshot_, now);
        return text;
    }
    static spool::Results& results(spool::TargetCounts& counts, Kind kind)
    {
        return counts.by_event.at(static_cast<std::size_t>(kind));
    }

    std::shared_ptr<const dispatch::Snapshot> snapshot_ = snapshot_with({{"crm", {"http://a.lan/", "http://b.lan/"}}});
    spool::Counts counts_{.targets = {}, .seconds = {}, .fault = {}};
};

TEST_F(EventMetrics, OfAllUrlsAreOne)
{
    auto& a = of("crm", "http://a.lan/");
    results(a, Kind::ended) = {.delivered = 3, .failed = 1};
    a.waiting = 2;
    a.oldest = now - 90s;
    auto& b = of("crm", "http://b.lan/");
    results(b, Kind::ended) = {.delivered = 4, .dropped = 5};
    b.waiting = 1;
    b.oldest = now - 7s;
    b.switched_off = true;
    const std::string text = this->text();
    for (const char* const line : {
             "dialhook_events_total{notification=\"crm\",event=\"ended\",result=\"delivered\"} 7\n",
             "dialhook_events_total{notification=\"crm\",event=\"ended\",result=\"failed\"} 1\n",
             "dialhook_events_total{notification=\"crm\",event=\"ended\",result=\"dropped\"} 5\n",
             "dialhook_events_total{notification=\"crm\",event=\"ringing\",result=\"expired\"} 0\n",
             "dialhook_events_waiting{notification=\"crm\"} 3\n",
             "dialhook_events_oldest_age_seconds{notification=\"crm\"} 90\n",
             "dialhook_notification_off{notification=\"crm\"} 1\n",
         })
        EXPECT_THAT(text, HasSubstr(line));
}

TEST_F(EventMetrics, OfWhatWasNeverToldAreZeros)
{
    const std::string text = this->text();
    EXPECT_THAT(text,
                HasSubstr("dialhook_events_total{notification=\"crm\",event=\"created\",result=\"delivered\"} 0\n"));
    EXPECT_THAT(text, HasSubstr("dialhook_events_oldest_age_seconds{notification=\"crm\"} 0\n"));
    EXPECT_THAT(text, Not(HasSubstr("dialhook_event_seconds_count")));
}

TEST_F(EventMetrics, HaveNoneOfWebhooks)
{
    of("campaign", "").waiting = 7;
    EXPECT_THAT(text(), Not(HasSubstr("campaign")));
}

TEST_F(EventMetrics, CountLateReportsOnce)
{
    counts_.late_reports = 6;
    EXPECT_THAT(text(), HasSubstr("dialhook_events_total{notification=\"\",event=\"\",result=\"late\"} 6\n"));
}

TEST_F(EventMetrics, SayHowLongDeliveryTook)
{
    dispatch::Histogram histogram;
    histogram.observe(70ms);
    counts_.seconds["crm"].add(histogram);
    EXPECT_THAT(text(), HasSubstr("dialhook_event_seconds_count{notification=\"crm\"} 1\n"));
}

TEST_F(EventMetrics, SayWhetherTheSpoolStoresWhereSomebodyNeedsIt)
{
    EXPECT_THAT(text(), HasSubstr("\ndialhook_spool_durable 0\n"));
    counts_.is_durable = true;
    EXPECT_THAT(text(), HasSubstr("\ndialhook_spool_durable 1\n"));
    snapshot_ = snapshot_with({});
    counts_.is_durable = false;
    EXPECT_THAT(text(), Not(HasSubstr("\ndialhook_spool_durable")));
}

} // namespace
} // namespace dialhook::status
