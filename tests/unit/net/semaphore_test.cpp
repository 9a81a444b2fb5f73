#include "net/loop/semaphore.hpp"
#include "unit/net/coroutine.hpp"

#include <gtest/gtest.h>

#include <string>

namespace dialhook::net {
namespace {

/// One who asks for a place, and says when he has it.
Awaitable<void> ask(Semaphore& semaphore, std::uint32_t limit, Cancellation& cancellation, std::string& log)
{
    Semaphore::Permit permit = semaphore.try_acquire(limit);
    if (!permit)
        permit = co_await semaphore.acquire(cancellation);
    log += permit ? "served " : "left ";
}

TEST(Semaphore, NoMoreThanTheLimitAreTaken)
{
    Semaphore semaphore;
    const auto first = semaphore.try_acquire(2);
    const auto second = semaphore.try_acquire(2);
    EXPECT_TRUE(first);
    EXPECT_TRUE(second);
    EXPECT_FALSE(semaphore.try_acquire(2));
    EXPECT_TRUE(semaphore.try_acquire(3)) << "a reload may have raised the limit";
}

TEST(Semaphore, ABorrowerMakesWayForWhoFindsNone)
{
    asio::io_context context;
    Semaphore semaphore;
    Cancellation cancellation;
    Cancellation borrowing;
    std::string log;
    auto borrowed = std::make_unique<Semaphore::BorrowedPermit>(semaphore, 1, borrowing);
    ASSERT_TRUE(*borrowed);
    start(context, [&] { return ask(semaphore, 1, cancellation, log); });
    context.poll();
    EXPECT_EQ(borrowing.reason(), CancelReason::abandoned);
    EXPECT_EQ(log, "");
    borrowed.reset();
    context.poll();
    EXPECT_EQ(log, "served ");
}

/// What the stop breaks off may give the place back at once, before the one who asked has begun to wait.
TEST(Semaphore, ABorrowerMayGiveItBackFromWithinItsStop)
{
    asio::io_context context;
    Semaphore semaphore;
    Cancellation cancellation;
    Cancellation borrowing;
    std::string log;
    auto borrowed = std::make_unique<Semaphore::BorrowedPermit>(semaphore, 1, borrowing);
    const OnCancel release(borrowing, [&borrowed] { borrowed.reset(); });
    start(context, [&] { return ask(semaphore, 1, cancellation, log); });
    context.poll();
    EXPECT_EQ(log, "served ");
    EXPECT_TRUE(semaphore.is_idle());
}

TEST(Semaphore, WhileThereArePlacesABorrowerIsLeftAlone)
{
    Semaphore semaphore;
    Cancellation borrowing;
    {
        const Semaphore::BorrowedPermit borrowed(semaphore, 2, borrowing);
        ASSERT_TRUE(borrowed);
        EXPECT_TRUE(semaphore.try_acquire(2));
        EXPECT_FALSE(borrowing.requested());
    }
    EXPECT_TRUE(semaphore.is_idle());
}

TEST(Semaphore, WithoutAPlaceNothingIsBorrowed)
{
    Semaphore semaphore;
    const auto taken = semaphore.try_acquire(1);
    Cancellation borrowing;
    const Semaphore::BorrowedPermit borrowed(semaphore, 1, borrowing);
    EXPECT_FALSE(borrowed);
}

} // namespace
} // namespace dialhook::net
