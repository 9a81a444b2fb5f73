#include "webhook/webhook.hpp"

#include <gtest/gtest.h>

#include <string>

namespace dialhook {
namespace {

TEST(WebhookName, IsShortAndPlain)
{
    EXPECT_TRUE(WebhookName::from("CRM connection"));
    EXPECT_TRUE(WebhookName::from(std::string(64, 'a')));
    for (const auto& bad :
         {std::string(), std::string(65, 'a'), std::string("a/b"), std::string("é"), std::string("a\nb")})
        EXPECT_FALSE(WebhookName::from(bad)) << bad;
}

TEST(RequestHeader, CannotBreakTheRequest)
{
    EXPECT_EQ(RequestHeader::from("X-Api-Key", " abc ")->value(), "abc");
    for (const auto* name : {"", "Host", "content-length", "Transfer-Encoding", "CONNECTION", "a b", "a:b", "a\n"})
        EXPECT_FALSE(RequestHeader::from(name, "x")) << name;
    for (const auto* value : {"a\r\nb", "a\x01", "\x7F"})
        EXPECT_FALSE(RequestHeader::from("X", value)) << value;
}

} // namespace
} // namespace dialhook
