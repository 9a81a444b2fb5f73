#include "net/loop/cancellation.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace dialhook::net {
namespace {

TEST(Cancellation, FirstRequestCounts)
{
    Cancellation cancellation;
    EXPECT_FALSE(cancellation.requested());
    EXPECT_EQ(cancellation.reason(), CancelReason::none);
    cancellation.request(CancelReason::abandoned);
    cancellation.request(CancelReason::shutdown);
    EXPECT_TRUE(cancellation.requested());
    EXPECT_EQ(cancellation.reason(), CancelReason::abandoned);
}

TEST(Cancellation, ActionRunsOnce)
{
    Cancellation cancellation;
    int runs = 0;
    const OnCancel on_cancel(cancellation, [&] {
        ++runs;
        EXPECT_EQ(cancellation.reason(), CancelReason::deadline) << "the action may ask why";
    });
    cancellation.request(CancelReason::deadline);
    cancellation.request(CancelReason::deadline);
    cancellation.request(CancelReason::shutdown);
    EXPECT_EQ(runs, 1);
}

TEST(Cancellation, OnlyTheInnermostActionRuns)
{
    Cancellation cancellation;
    std::string ran;
    const OnCancel outer(cancellation, [&] { ran += "outer "; });
    {
        const OnCancel middle(cancellation, [&] { ran += "middle "; });
        {
            const OnCancel inner(cancellation, [&] { ran += "inner "; });
        }
        cancellation.request(CancelReason::deadline);
    }
    EXPECT_EQ(ran, "middle ");
}

TEST(Cancellation, ActionsThatEndedDoNotRun)
{
    Cancellation cancellation;
    std::string ran;
    {
        const OnCancel first(cancellation, [&] { ran += "first "; });
    }
    {
        const OnCancel second(cancellation, [&] { ran += "second "; });
        const OnCancel third(cancellation, [&] { ran += "third "; });
    }
    cancellation.request(CancelReason::deadline);
    EXPECT_EQ(ran, "");
}

/// A resumed coroutine may end the scope, and the work with its `Cancellation`, from within the action.
TEST(Cancellation, MayBeGoneWhenItsActionReturns)
{
    struct Work
    {
        Cancellation cancellation;
        std::optional<OnCancel<std::function<void()>>> on_cancel;
    };
    auto work = std::make_unique<Work>();
    bool has_run = false;
    work->on_cancel.emplace(work->cancellation, [&] {
        bool& flag = has_run; // what was captured goes with the action
        work.reset();
        flag = true;
    });
    work->cancellation.request(CancelReason::abandoned);
    EXPECT_TRUE(has_run);
    EXPECT_EQ(work, nullptr);
}

} // namespace
} // namespace dialhook::net
