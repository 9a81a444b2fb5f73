#include "dispatch/thread_metrics.hpp"
#include "dispatch/webhook_metrics.hpp"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace dialhook::dispatch {
namespace {

using namespace std::chrono_literals;

TEST(WebhookMetrics, NothingIsMadeBeforeTheFirstFiring)
{
    const WebhookMetrics webhook_metrics;
    EXPECT_FALSE(webhook_metrics.has_any());
    EXPECT_EQ(webhook_metrics.totals().successes, 0U);
}

TEST(WebhookMetrics, EachThreadHasItsOwnAndTheyAddUp)
{
    WebhookMetrics webhook_metrics;
    WebhookThreadMetrics& first = webhook_metrics.of({0, 3});
    WebhookThreadMetrics& third = webhook_metrics.of({2, 3});
    EXPECT_NE(&first, &third);
    EXPECT_EQ(&first, &webhook_metrics.of({0, 3}));
    first.count(Decision::success());
    third.count(Decision::success());
    third.count(Decision::failure(Reason::timeout));
    third.retries.add(2);
    const WebhookTotals totals = webhook_metrics.totals();
    EXPECT_EQ(totals.successes, 2U);
    EXPECT_EQ(totals.all_failures(), 1U);
    EXPECT_EQ(totals.failures[static_cast<std::size_t>(Reason::timeout)], 1U);
    EXPECT_EQ(totals.retries, 2U);
}

/// Its index is that of no worker, however many there are.
TEST(WebhookMetrics, TheThreadBehindCallsHasItsOwn)
{
    WebhookMetrics webhook_metrics;
    WebhookThreadMetrics& behind = webhook_metrics.of(ThreadShare::of_thread_behind_calls());
    EXPECT_TRUE(webhook_metrics.has_any());
    EXPECT_EQ(&behind, &webhook_metrics.of(ThreadShare::of_thread_behind_calls()));
    EXPECT_NE(&behind, &webhook_metrics.of({0, 2}));
    EXPECT_NE(&behind, &webhook_metrics.of({1, 2}));
    behind.count(Decision::success());
    EXPECT_EQ(webhook_metrics.totals().successes, 1U);
    EXPECT_EQ(ThreadShare::of_thread_behind_calls().of(7), 7U) << "it shares limits with nobody";
}

TEST(WebhookMetrics, ThreadsThatFireForTheFirstTimeAtOnceLoseNothing)
{
    constexpr unsigned threads = 4;
    for (int round = 0; round < 200; ++round) {
        WebhookMetrics webhook_metrics;
        std::vector<std::thread> running;
        for (unsigned thread = 0; thread < threads; ++thread)
            running.emplace_back([&webhook_metrics, thread] { webhook_metrics.of({thread, threads}).successes.add(); });
        for (std::thread& thread : running)
            thread.join();
        ASSERT_EQ(webhook_metrics.totals().successes, threads);
    }
}

TEST(ResponseCodes, TellsTheFirstCodesApartAndCountsTheRestTogether)
{
    WebhookMetrics webhook_metrics;
    WebhookThreadMetrics& metrics = webhook_metrics.of({});
    const int most = static_cast<int>(ResponseCodes::max_codes);
    for (int code = 200; code < 200 + most + 5; ++code)
        metrics.responses.count(code);
    metrics.responses.count(200);
    const auto responses = webhook_metrics.totals().responses;
    EXPECT_EQ(responses.size(), ResponseCodes::max_codes + 1);
    EXPECT_EQ(responses.at(200), 2U);
    EXPECT_EQ(responses.at(0), 5U);
}

TEST(ThreadMetrics, APhaseThatDidNotTakePlaceIsNotObserved)
{
    ThreadMetrics metrics;
    net::Timing timing;
    timing[net::Phase::wait] = 3ms;
    metrics.observe(timing);
    Distribution dns;
    dns.add(metrics.phases[0]);
    Distribution wait;
    wait.add(metrics.phases[static_cast<std::size_t>(net::Phase::wait)]);
    EXPECT_EQ(dns.total(), 0U);
    EXPECT_EQ(wait.total(), 1U);
    EXPECT_EQ(wait.sum(), 3ms);
}

TEST(Distribution, QuantilesLieWithinTheirRange)
{
    Histogram histogram;
    EXPECT_EQ(Distribution().quantile(0.5), 0s) << "nothing was observed";
    for (int count = 0; count < 99; ++count)
        histogram.observe(15ms); // 10 to 20 ms
    histogram.observe(1min);     // open
    Distribution all;
    all.add(histogram);
    EXPECT_NEAR(all.quantile(0.5).count(), 0.015, 0.001);
    EXPECT_LE(all.quantile(0.99), 20ms);
    EXPECT_EQ(all.quantile(1), 30s) << "the lower bound of the open range";

    const Distribution before = all;
    histogram.observe(4s);
    Distribution after;
    after.add(histogram);
    EXPECT_EQ(after.since(before).total(), 1U);
    EXPECT_EQ(after.since(before).sum(), 4s);
}

TEST(EngineErrors, AreCountedByTheirCode)
{
    EngineErrors errors;
    errors.count(-32002);
    errors.count(-1); // none of ours
    std::uint64_t all = 0;
    for (std::size_t index = 0; index < EngineErrors::codes.size(); ++index)
        all += errors.at(index);
    EXPECT_EQ(all, 1U);
}

} // namespace
} // namespace dialhook::dispatch
