#include "dispatch/signature.hpp"

#include <gtest/gtest.h>

#include <set>

namespace dialhook::dispatch {
namespace {

const std::chrono::system_clock::time_point published{std::chrono::seconds(1614265330)};

/// The example that the Standard Webhooks libraries publish.
TEST(Signature, IsThatOfThePublishedVector)
{
    const std::vector secrets{*SigningSecret::from("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")};
    EXPECT_EQ(signature_headers(secrets, "msg_p5jXN8AQM9LWM0D4loKWxJek", published, "{\"test\": 2432232314}"),
              "webhook-id: msg_p5jXN8AQM9LWM0D4loKWxJek\r\n"
              "webhook-timestamp: 1614265330\r\n"
              "webhook-signature: v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=\r\n");
}

TEST(Signature, EachSecretSigns)
{
    const auto one = *SigningSecret::from("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    const auto other = *SigningSecret::from("whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    const std::string headers = signature_headers({one, other}, "i", published, "");
    EXPECT_EQ(headers.substr(headers.find("webhook-signature")).find(" v1,"), 18U);
    const std::string first = headers.substr(headers.find("v1,"), 47);
    EXPECT_NE(signature_headers({one}, "i", published, "").find(first), std::string::npos);
}

TEST(Signature, IdsAreNeverTheSame)
{
    std::set<std::string> ids;
    for (int count = 0; count < 1000; ++count)
        ids.insert(new_webhook_id());
    EXPECT_EQ(ids.size(), 1000U);
    EXPECT_EQ(ids.begin()->size(), 36U);
}

TEST(SigningSecret, IsCheckedWhenItIsRead)
{
    EXPECT_TRUE(SigningSecret::from("whsec_" + std::string(32, 'A')));
    EXPECT_TRUE(SigningSecret::from("whsec_" + std::string(43, 'A') + "="));
    for (const char* wrong : {"", "whsec_", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS",
                              "whsec_MfKQ9r8GKYqrTwjU", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS\n",
                              "WHSEC_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"})
        EXPECT_FALSE(SigningSecret::from(wrong)) << wrong;
    EXPECT_FALSE(SigningSecret::from("whsec_" + std::string(88, 'A'))) << "66 bytes";
}

} // namespace
} // namespace dialhook::dispatch
