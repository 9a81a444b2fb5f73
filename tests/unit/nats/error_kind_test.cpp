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

TEST(NatsErrorKind, FindsTheForbiddenSubject)
{
    EXPECT_EQ(forbidden_subject("Permissions Violation for Publish to \"calls.events\""), "calls.events");
    EXPECT_EQ(forbidden_subject("permissions violation for publish to \"Calls\""), "Calls");
    for (const char* const text :
         {"", "Permissions Violation for Publish", "Permissions Violation for Publish to \"",
          "Permissions Violation for Publish to \"\"", "Permissions Violation for Publish to \"calls.ev",
          "Permissions Violation for Publish with Reply of \"_INBOX.x.1\""})
        EXPECT_EQ(forbidden_subject(text), "") << text;
}

} // namespace
} // namespace dialhook::nats
