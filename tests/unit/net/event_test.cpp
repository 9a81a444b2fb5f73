#include "net/loop/event.hpp"
#include "unit/net/coroutine.hpp"

#include <boost/asio/post.hpp>
#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace dialhook::net {
namespace {

TEST(Event, OpenResumesTheWaiterAtOnce)
{
    asio::io_context context;
    Event event;
    std::string log;
    start(context, [&]() -> Awaitable<void> {
        log += "waits ";
        co_await event.wait();
        log += "goes on ";
    });
    asio::post(context, [&] {
        log += "opens ";
        event.set();
        log += "opened ";
    });
    context.run();
    EXPECT_EQ(log, "waits opens goes on opened ");
    EXPECT_FALSE(event.is_set()) << "closed behind the waiter";
}

TEST(Event, OpenedBeforehandItLetsOneThrough)
{
    asio::io_context context;
    Event event;
    std::string log;
    event.set();
    event.set();
    EXPECT_TRUE(event.is_set());
    start(context, [&]() -> Awaitable<void> {
        co_await event.wait();
        log += "first ";
        co_await event.wait();
        log += "second ";
    });
    context.poll(); // a coroutine that waits is work, so run() would not end
    EXPECT_EQ(log, "first ");
    EXPECT_FALSE(event.is_set());
    event.set();
    EXPECT_EQ(log, "first second ");
}

TEST(Event, WaitsAgainAndAgain)
{
    asio::io_context context;
    Event event;
    int passed = 0;
    start(context, [&]() -> Awaitable<void> {
        for (; passed < 1000; ++passed)
            co_await event.wait();
    });
    context.poll();
    for (int count = 0; count < 1000; ++count) {
        EXPECT_EQ(passed, count);
        event.set();
    }
    EXPECT_EQ(passed, 1000);
}

TEST(Event, MayBeGoneWhenOpenReturns)
{
    asio::io_context context;
    auto event = std::make_unique<Event>();
    start(context, [&]() -> Awaitable<void> {
        co_await event->wait();
        event.reset();
    });
    context.poll();
    event->set();
    EXPECT_EQ(event, nullptr);
}

/// As when the daemon ends: neither the waiter nor what it holds leaks.
TEST(Event, AWaiterThatIsNeverLetGoIsDestroyed)
{
    const auto held = std::make_shared<int>(1);
    {
        asio::io_context context;
        Event event;
        start(context, [&event, held]() -> Awaitable<void> { co_await event.wait(); });
        context.poll();
        EXPECT_GT(held.use_count(), 1);
    }
    EXPECT_EQ(held.use_count(), 1);
}

} // namespace
} // namespace dialhook::net
