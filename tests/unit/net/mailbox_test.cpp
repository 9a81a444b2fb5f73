#include "net/loop/mailbox.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <thread>

namespace dialhook::net {
namespace {

TEST(Mailbox, WhatAnotherThreadPostsRunsOnTheLoopInItsOrder)
{
    asio::io_context context;
    Mailbox mailbox(context);
    std::string seen;
    std::thread other([&] {
        mailbox.post([&] { seen += 'a'; });
        mailbox.post([&] { seen += 'b'; });
    });
    other.join();
    EXPECT_EQ(seen, "") << "nothing runs on the thread that posts";
    context.run();
    EXPECT_EQ(seen, "ab");
}

TEST(Mailbox, WhatComesAfterTheLoopIsDestroyedUnused)
{
    auto context = std::make_unique<asio::io_context>();
    Mailbox mailbox(*context);
    mailbox.close();
    context.reset();
    const auto held = std::make_shared<int>(1);
    mailbox.post([held] { FAIL(); });
    EXPECT_EQ(held.use_count(), 1);
}

} // namespace
} // namespace dialhook::net
