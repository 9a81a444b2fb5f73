#include "delivery/event_request.hpp"
#include "version.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace dialhook::delivery {
namespace {

using dispatch::Content;
using dispatch::Hop;
using events::Notification;

const std::string agent = "User-Agent: " + std::string(user_agent) + "\r\n";
constexpr std::chrono::system_clock::time_point now{std::chrono::seconds(1614265330)};
const std::string webhook_id = "msg_p5jXN8AQM9LWM0D4loKWxJek";

/// One notification in a configuration, ready to be told events, and one event.
class EventRequests : public testing::Test
{
protected:
    std::string request(const Notification& notification)
    {
        const EventRequest request = made_of(notification);
        const Hop hop = request.first_hop();
        return request.text(hop, request.target_of(hop), now);
    }

    EventRequest made_of(const Notification& notification)
    {
        config::Configuration configuration;
        configuration.proxy = proxy_;
        configuration.notifications = std::make_shared<const events::Notifications>(1, notification);
        snapshot_ = dispatch::Snapshot::make(std::move(configuration), contexts_, nullptr);
        const auto& resolved = *snapshot_->find_notification("crm");
        return {resolved, resolved.endpoints.at(0), event_, webhook_id, numbers_};
    }

    static Notification to(std::string_view url)
    {
        return {.name = *WebhookName::from("crm"), .urls = {*UrlTemplate::parse(url)}};
    }

    static std::string body_of(const std::string& request) { return request.substr(request.find("\r\n\r\n") + 4); }
    static std::string head_of(const std::string& request) { return request.substr(0, request.find("\r\n\r\n") + 4); }

    std::shared_ptr<const egress::Proxy> proxy_;
    net::TlsContexts contexts_;
    std::shared_ptr<const dispatch::Snapshot> snapshot_;
    Numbers numbers_;
    events::CallEvent event_{.call_id = *events::CallId::from("1700000000.42"),
                             .seq = 3,
                             .kind = events::Kind::ended,
                             .at = now,
                             .facts = {}};
};

TEST_F(EventRequests, IsAPostOfTheBody)
{
    const std::string text = request(to("http://crm.lan:8080/calls?a=b"));
    const std::string body = body_of(text);
    EXPECT_NE(body.find("1700000000.42"), std::string::npos);
    EXPECT_EQ(head_of(text), "POST /calls?a=b HTTP/1.1\r\nHost: crm.lan:8080\r\n" + agent +
                                 "Accept: */*\r\nAccept-Encoding: identity\r\n"
                                 "webhook-id: msg_p5jXN8AQM9LWM0D4loKWxJek\r\nwebhook-sequence: 3\r\n"
                                 "Content-Type: application/json\r\nContent-Length: " +
                                 std::to_string(body.size()) + "\r\n\r\n");
}

TEST_F(EventRequests, OnlyVoysV2NeedsAHeaderForTheSequence)
{
    Notification notification = to("http://crm.lan/");
    notification.format = events::EventFormat::cloudevents;
    const std::string text = request(notification);
    EXPECT_EQ(text.find("webhook-sequence"), std::string::npos);
    EXPECT_NE(text.find("\r\nContent-Type: application/cloudevents+json"), std::string::npos);
}

TEST_F(EventRequests, HasTheHeadersOfTheNotification)
{
    Notification notification = to("http://me:secret@crm.lan/");
    notification.headers = std::make_shared<const std::vector<RequestHeader>>(
        std::vector{*RequestHeader::from("X-Tenant", "17"), *RequestHeader::from("content-type", "text/json")});
    const std::string text = request(notification);
    EXPECT_NE(text.find("\r\nAuthorization: Basic bWU6c2VjcmV0\r\nX-Tenant: 17\r\ncontent-type: text/json\r\n"),
              std::string::npos)
        << text;
    EXPECT_EQ(text.find("Content-Type:"), std::string::npos) << "there is one already";
}

TEST_F(EventRequests, IsSignedWithItsId)
{
    Notification notification = to("http://crm.lan/");
    notification.secrets = {*SigningSecret::from("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")};
    const std::string text = request(notification);
    EXPECT_EQ(text.find("webhook-id: " + webhook_id), text.rfind("webhook-id: ")) << "once";
    EXPECT_NE(text.find("\r\nwebhook-timestamp: 1614265330\r\nwebhook-signature: v1,"), std::string::npos) << text;
}

TEST_F(EventRequests, AProxyGetsTheAbsoluteForm)
{
    proxy_ = std::make_shared<const egress::Proxy>(egress::Proxy{"proxy.lan", 3128, {}});
    EXPECT_TRUE(request(to("http://crm.lan/calls")).starts_with("POST http://crm.lan/calls HTTP/1.1\r\n"));
}

TEST_F(EventRequests, ARedirectOnItsOwnOriginKeepsHeadersAndSignature)
{
    Notification notification = to("http://me:secret@crm.lan/calls");
    notification.secrets = {*SigningSecret::from("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")};
    const EventRequest request = made_of(notification);
    const Hop same{request.first_hop().origin, "/v2/calls", Content::post};
    EXPECT_EQ(request.target_of(same), request.target_of(request.first_hop()));
    const std::string text = request.text(same, request.target_of(same), now);
    EXPECT_TRUE(text.starts_with("POST /v2/calls HTTP/1.1\r\n"));
    EXPECT_NE(text.find("Authorization: Basic"), std::string::npos);
    EXPECT_NE(body_of(text), "");

    const Hop read{same.origin, "/done", Content::get};
    const std::string get = request.text(read, request.target_of(read), now);
    EXPECT_TRUE(get.starts_with("GET /done HTTP/1.1\r\n"));
    EXPECT_EQ(body_of(get), "");
    EXPECT_EQ(get.find("Content-"), std::string::npos);
}

TEST_F(EventRequests, NothingOfItGoesToAnotherOrigin)
{
    Notification notification = to("https://me:secret@crm.lan/calls");
    notification.headers =
        std::make_shared<const std::vector<RequestHeader>>(std::vector{*RequestHeader::from("X-Key", "hunter2")});
    notification.secrets = {*SigningSecret::from("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")};
    const EventRequest request = made_of(notification);
    const Hop elsewhere{{.https = true, .host = "b.lan", .port = 443}, "/", Content::get};
    const net::Target target = request.target_of(elsewhere);
    EXPECT_EQ(target.host, "b.lan");
    EXPECT_EQ(request.text(elsewhere, target, now),
              "GET / HTTP/1.1\r\nHost: b.lan\r\n" + agent + "Accept: */*\r\nAccept-Encoding: identity\r\n\r\n");
}

} // namespace
} // namespace dialhook::delivery
