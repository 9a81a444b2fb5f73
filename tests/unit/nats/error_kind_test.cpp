#include "nats/error_kind.hpp"

#include <gtest/gtest.h>

namespace dialhook::nats {
namespace {

TEST(NatsErrorKind, KnowsTheServersWords)
{
    for (const char* const text :
         {"Authorization Violation", "authorization violation", "Authentication Timeout", "User Authentication Expired",
          "User Authentication Revoked", "Account Authentication Expired", "Authorization Timeout"})
        EXPECT_EQ(error_kind(text), ErrorKind::login) << text;
    EXPECT_EQ(error_kind("Permissions Violation for Publish to \"calls.events\""), ErrorKind::may_not_publish);
    EXPECT_EQ(error_kind("Permissions Violation for Subscription to \"_INBOX.x.*\""), ErrorKind::may_not_listen);
    for (const char* const text : {"", "Stale Connection", "Slow Consumer", "Maximum Payload Violation",
                                   "maximum connections exceeded", "no Authorization Violation"})
        EXPECT_EQ(error_kind(text), ErrorKind::other) << text;
}

} // namespace
} // namespace dialhook::nats
