#include "events/notification.hpp"

#include <gtest/gtest.h>

namespace dialhook::events {
namespace {

Notification crm()
{
    return {.name = *WebhookName::from("crm"), .description = {}, .urls = {}};
}

TEST(Notification, WantsAllEventsOfAllCallsUnlessItSaysOtherwise)
{
    for (std::size_t kind = 0; kind < kind_count; ++kind)
        EXPECT_TRUE(crm().wants(static_cast<Kind>(kind), ""));
}

TEST(Notification, WantsTheEventsThatItNames)
{
    auto notification = crm();
    notification.events.reset().set(static_cast<std::size_t>(Kind::ended));
    EXPECT_TRUE(notification.wants(Kind::ended, "+31502102544"));
    EXPECT_FALSE(notification.wants(Kind::ringing, "+31502102544"));
}

TEST(Notification, WantsTheCallsOfItsNumbers)
{
    auto notification = crm();
    notification.dids = {"+3150210*", "101"};
    EXPECT_TRUE(notification.wants(Kind::created, "+31502102544"));
    EXPECT_TRUE(notification.wants(Kind::created, "+3150210"));
    EXPECT_TRUE(notification.wants(Kind::created, "101"));
    EXPECT_FALSE(notification.wants(Kind::created, "1011"));
    EXPECT_FALSE(notification.wants(Kind::created, "+315021"));
    EXPECT_FALSE(notification.wants(Kind::created, ""));
}

TEST(Notification, UrlsAreShownWithoutSecrets)
{
    EXPECT_EQ(shown(*UrlTemplate::parse("https://me:secret@crm.lan/calls")), "https://***@crm.lan/calls");
    EXPECT_EQ(shown(NatsUrl{.servers = {},
                            .user = "me",
                            .password = "secret",
                            .token = {},
                            .subject = "calls",
                            .shown = "nats://***@a/calls"}),
              "nats://***@a/calls");
}

} // namespace
} // namespace dialhook::events
