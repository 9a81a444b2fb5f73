#include "dispatch/thread_metrics.hpp"
#include "dispatch/webhook_state.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <thread>
#include <vector>

namespace dialhook::dispatch {
namespace {

TEST(InFlight, TakesNoMoreThanTheLimit)
{
    WebhookState state;
    std::optional<InFlight> first(std::in_place, state, 2U);
    const InFlight second(state, 2);
    EXPECT_TRUE(*first);
    EXPECT_TRUE(second);
    {
        const InFlight third(state, 2);
        EXPECT_FALSE(third);
    }
    EXPECT_EQ(state.in_flight, 2U) << "one that was refused leaves nothing behind";
    first.reset();
    EXPECT_EQ(state.in_flight, 1U);
    EXPECT_TRUE(InFlight(state, 2));
    EXPECT_FALSE(InFlight(state, 1)) << "the limit is that of the newest configuration";
    EXPECT_FALSE(InFlight(state, 0));
}

TEST(InFlight, IsOneLimitForAllThreads)
{
    WebhookState state;
    std::atomic<unsigned> inside{0};
    std::atomic<unsigned> most{0};
    std::vector<std::thread> threads;
    for (int count = 0; count < 4; ++count)
        threads.emplace_back([&] {
            for (int turn = 0; turn < 2000; ++turn) {
                const InFlight place(state, 2);
                if (!place)
                    continue;
                const unsigned now = ++inside;
                for (unsigned seen = most; now > seen && !most.compare_exchange_weak(seen, now);) {
                }
                --inside;
            }
        });
    for (std::thread& thread : threads)
        thread.join();
    EXPECT_LE(most, 2U);
    EXPECT_GE(most, 1U);
    EXPECT_EQ(state.in_flight, 0U);
}

TEST(ThreadMetrics, CountsEachDecisionOnce)
{
    ThreadMetrics metrics;
    metrics.count(Decision::success());
    metrics.count(Decision::failure(Reason::nak));
    metrics.count(Decision::failure(Reason::internal));
    metrics.count(Decision::failure(Reason::internal));
    EXPECT_EQ(metrics.successes.value(), 1U);
    std::uint64_t failures = 0;
    for (const net::Counter& counter : metrics.failures)
        failures += counter.value();
    EXPECT_EQ(failures, 3U);
    EXPECT_EQ(metrics.failures[static_cast<std::size_t>(Reason::internal)].value(), 2U);

    metrics.in_flight.add(3);
    metrics.in_flight.subtract();
    EXPECT_EQ(metrics.in_flight.value(), 2U);
}

} // namespace
} // namespace dialhook::dispatch
