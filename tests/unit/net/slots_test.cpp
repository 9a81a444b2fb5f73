#include "net/loop/slots.hpp"
#include "unit/net/coroutine.hpp"

#include <gtest/gtest.h>

#include <string>

namespace dialhook::net {
namespace {

/// One who asks for a place, and says when he has it.
Awaitable<void> ask(Slots& slots, std::uint32_t limit, Stop& stop, std::string& log)
{
    Slots::Taken place = slots.take_at_once(limit);
    if (!place)
        place = co_await slots.wait(stop);
    log += place ? "served " : "left ";
}

TEST(Slots, NoMoreThanTheLimitAreTaken)
{
    Slots slots;
    const auto first = slots.take_at_once(2);
    const auto second = slots.take_at_once(2);
    EXPECT_TRUE(first);
    EXPECT_TRUE(second);
    EXPECT_FALSE(slots.take_at_once(2));
    EXPECT_TRUE(slots.take_at_once(3)) << "a reload may have raised the limit";
}

TEST(Slots, ABorrowerMakesWayForWhoFindsNone)
{
    asio::io_context context;
    Slots slots;
    Stop stop;
    Stop borrowing;
    std::string log;
    auto borrowed = std::make_unique<Slots::Borrowed>(slots, 1, borrowing);
    ASSERT_TRUE(*borrowed);
    start(context, [&] { return ask(slots, 1, stop, log); });
    context.poll();
    EXPECT_EQ(borrowing.cause(), StopCause::abandoned);
    EXPECT_EQ(log, "");
    borrowed.reset();
    context.poll();
    EXPECT_EQ(log, "served ");
}

/// What the stop breaks off may give the place back at once, before the one who asked has begun to wait.
TEST(Slots, ABorrowerMayGiveItBackFromWithinItsStop)
{
    asio::io_context context;
    Slots slots;
    Stop stop;
    Stop borrowing;
    std::string log;
    auto borrowed = std::make_unique<Slots::Borrowed>(slots, 1, borrowing);
    const OnStop give_back(borrowing, [&borrowed] { borrowed.reset(); });
    start(context, [&] { return ask(slots, 1, stop, log); });
    context.poll();
    EXPECT_EQ(log, "served ");
    EXPECT_TRUE(slots.is_idle());
}

TEST(Slots, WhileThereArePlacesABorrowerIsLeftAlone)
{
    Slots slots;
    Stop borrowing;
    {
        const Slots::Borrowed borrowed(slots, 2, borrowing);
        ASSERT_TRUE(borrowed);
        EXPECT_TRUE(slots.take_at_once(2));
        EXPECT_FALSE(borrowing.requested());
    }
    EXPECT_TRUE(slots.is_idle());
}

TEST(Slots, WithoutAPlaceNothingIsBorrowed)
{
    Slots slots;
    const auto taken = slots.take_at_once(1);
    Stop borrowing;
    const Slots::Borrowed borrowed(slots, 1, borrowing);
    EXPECT_FALSE(borrowed);
}

} // namespace
} // namespace dialhook::net
