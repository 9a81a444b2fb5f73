#include "dispatch/webhook_state.hpp"

#include <gtest/gtest.h>

namespace dialhook::dispatch {
namespace {

class LastFailureTest : public testing::Test
{
protected:
    /// As the sink does it.
    void decide(const Decision& decision, unsigned thread = 0)
    {
        WebhookThreadMetrics& metrics = state.metrics.of({thread, 2});
        if (decision.reason())
            state.last_failure.take(decision, state.metrics);
        metrics.count(decision);
    }

    void fail(Reason reason, std::string detail = {}, unsigned thread = 0)
    {
        Decision decision = Decision::failure(reason);
        decision.detail = std::move(detail);
        decide(decision, thread);
    }

    LastFailure last() const { return state.last_failure.read(state.metrics).value(); }

    WebhookState state;
};

TEST_F(LastFailureTest, IsNoneBeforeThereWasOne)
{
    EXPECT_FALSE(state.last_failure.read(state.metrics));
    decide(Decision::success());
    EXPECT_FALSE(state.last_failure.read(state.metrics));
    EXPECT_EQ(state.last_failure.cause(), "");
}

TEST_F(LastFailureTest, CountsThoseInARowOfAllThreads)
{
    fail(Reason::connect);
    fail(Reason::timeout, {}, 1);
    EXPECT_EQ(last().in_a_row, 2U);
    EXPECT_EQ(last().cause, Reason::timeout);
    decide(Decision::success(), 1);
    EXPECT_EQ(last().in_a_row, 0U);
    EXPECT_EQ(last().cause, Reason::timeout);
    fail(Reason::dns);
    EXPECT_EQ(last().in_a_row, 1U);
}

TEST_F(LastFailureTest, ANakIsAnAnswerAndNoFault)
{
    fail(Reason::connect);
    fail(Reason::nak);
    EXPECT_EQ(last().in_a_row, 0U);
    EXPECT_EQ(last().cause, Reason::connect);
    for (const Reason reason : {Reason::nak, Reason::ivr_timeout, Reason::ivr_attempts, Reason::shutdown})
        EXPECT_FALSE(is_fault(reason));
    for (const Reason reason : {Reason::err, Reason::connect, Reason::circuit_open, Reason::internal})
        EXPECT_TRUE(is_fault(reason));
    fail(Reason::ivr_timeout);
    const auto all = Answered::of(state.metrics);
    EXPECT_EQ(all.declined, 2U);
    EXPECT_EQ(all.faults, 1U);
}

TEST_F(LastFailureTest, AnOpenBreakerDoesNotBuryTheCause)
{
    fail(Reason::connect, "127.0.0.1:81: Connection refused");
    for (int call = 0; call < 10; ++call)
        fail(Reason::circuit_open);
    EXPECT_EQ(last().cause, Reason::connect);
    EXPECT_EQ(last().detail, "127.0.0.1:81: Connection refused");
    EXPECT_EQ(last().in_a_row, 11U);
    EXPECT_EQ(state.last_failure.cause(), "; the last one was connect: 127.0.0.1:81: Connection refused");
}

} // namespace
} // namespace dialhook::dispatch
