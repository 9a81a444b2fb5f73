#include "net/loop/stop.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace dialhook::net {
namespace {

TEST(Stop, FirstRequestCounts)
{
    Stop stop;
    EXPECT_FALSE(stop.requested());
    EXPECT_EQ(stop.cause(), StopCause::none);
    stop.request(StopCause::abandoned);
    stop.request(StopCause::shutdown);
    EXPECT_TRUE(stop.requested());
    EXPECT_EQ(stop.cause(), StopCause::abandoned);
}

TEST(Stop, ActionRunsOnce)
{
    Stop stop;
    int runs = 0;
    const OnStop on_stop(stop, [&] {
        ++runs;
        EXPECT_EQ(stop.cause(), StopCause::deadline) << "the action may ask why";
    });
    stop.request(StopCause::deadline);
    stop.request(StopCause::deadline);
    stop.request(StopCause::shutdown);
    EXPECT_EQ(runs, 1);
}

TEST(Stop, OnlyTheInnermostActionRuns)
{
    Stop stop;
    std::string ran;
    const OnStop outer(stop, [&] { ran += "outer "; });
    {
        const OnStop middle(stop, [&] { ran += "middle "; });
        {
            const OnStop inner(stop, [&] { ran += "inner "; });
        }
        stop.request(StopCause::deadline);
    }
    EXPECT_EQ(ran, "middle ");
}

TEST(Stop, ActionsThatEndedDoNotRun)
{
    Stop stop;
    std::string ran;
    {
        const OnStop first(stop, [&] { ran += "first "; });
    }
    {
        const OnStop second(stop, [&] { ran += "second "; });
        const OnStop third(stop, [&] { ran += "third "; });
    }
    stop.request(StopCause::deadline);
    EXPECT_EQ(ran, "");
}

/// A resumed coroutine may end the scope, and the work with its `Stop`, from within the action.
TEST(Stop, MayBeGoneWhenItsActionReturns)
{
    struct Work
    {
        Stop stop;
        std::optional<OnStop<std::function<void()>>> on_stop;
    };
    auto work = std::make_unique<Work>();
    bool has_run = false;
    work->on_stop.emplace(work->stop, [&] {
        bool& flag = has_run; // what was captured goes with the action
        work.reset();
        flag = true;
    });
    work->stop.request(StopCause::abandoned);
    EXPECT_TRUE(has_run);
    EXPECT_EQ(work, nullptr);
}

} // namespace
} // namespace dialhook::net
