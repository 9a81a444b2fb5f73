#include "net/loop/gate.hpp"
#include "unit/net/coroutine.hpp"

#include <boost/asio/post.hpp>
#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace dialhook::net {
namespace {

TEST(Gate, OpenResumesTheWaiterAtOnce)
{
    asio::io_context context;
    Gate gate;
    std::string log;
    start(context, [&]() -> Awaitable<void> {
        log += "waits ";
        co_await gate.wait();
        log += "goes on ";
    });
    asio::post(context, [&] {
        log += "opens ";
        gate.open();
        log += "opened ";
    });
    context.run();
    EXPECT_EQ(log, "waits opens goes on opened ");
    EXPECT_FALSE(gate.is_open()) << "closed behind the waiter";
}

TEST(Gate, OpenedBeforehandItLetsOneThrough)
{
    asio::io_context context;
    Gate gate;
    std::string log;
    gate.open();
    gate.open();
    EXPECT_TRUE(gate.is_open());
    start(context, [&]() -> Awaitable<void> {
        co_await gate.wait();
        log += "first ";
        co_await gate.wait();
        log += "second ";
    });
    context.poll(); // a coroutine that waits is work, so run() would not end
    EXPECT_EQ(log, "first ");
    EXPECT_FALSE(gate.is_open());
    gate.open();
    EXPECT_EQ(log, "first second ");
}

TEST(Gate, WaitsAgainAndAgain)
{
    asio::io_context context;
    Gate gate;
    int passed = 0;
    start(context, [&]() -> Awaitable<void> {
        for (; passed < 1000; ++passed)
            co_await gate.wait();
    });
    context.poll();
    for (int count = 0; count < 1000; ++count) {
        EXPECT_EQ(passed, count);
        gate.open();
    }
    EXPECT_EQ(passed, 1000);
}

TEST(Gate, MayBeGoneWhenOpenReturns)
{
    asio::io_context context;
    auto gate = std::make_unique<Gate>();
    start(context, [&]() -> Awaitable<void> {
        co_await gate->wait();
        gate.reset();
    });
    context.poll();
    gate->open();
    EXPECT_EQ(gate, nullptr);
}

/// As when the daemon ends: neither the waiter nor what it holds leaks.
TEST(Gate, AWaiterThatIsNeverLetGoIsDestroyed)
{
    const auto held = std::make_shared<int>(1);
    {
        asio::io_context context;
        Gate gate;
        start(context, [&gate, held]() -> Awaitable<void> { co_await gate.wait(); });
        context.poll();
        EXPECT_GT(held.use_count(), 1);
    }
    EXPECT_EQ(held.use_count(), 1);
}

} // namespace
} // namespace dialhook::net
