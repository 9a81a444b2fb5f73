#pragma once

#include "events/event.hpp"
#include "webhook/webhook.hpp"

#include <array>
#include <bitset>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace dialhook::events {

/// How an event is written.
enum class EventFormat : unsigned char
{
    voys_v2,     ///< as the original product documents it
    cloudevents, ///< CloudEvents 1.0, structured JSON
    fields       ///< as `fields` says
};

/// `nats://[USER:PASSWORD@ or TOKEN@]HOST[:PORT][,HOST[:PORT]…]/SUBJECT`.
struct NatsUrl
{
    struct Server
    {
        std::string host; ///< lower case; a name or a literal address
        std::uint16_t port = 4222;

        bool operator==(const Server&) const = default;
    };

    std::vector<Server> servers; ///< at least one
    std::string user;            ///< empty: none
    std::string password;        ///< secret
    std::string token;           ///< secret; empty: none
    std::string subject;
    std::string shown; ///< the URL with `***` for what is secret

    bool operator==(const NatsUrl&) const = default;
};

/// Where events go: an HTTP URL without variables, or a subject of NATS JetStream.
using NotificationUrl = std::variant<UrlTemplate, NatsUrl>;

/// Returns the URL as written, without secrets: also its key in the spool.
const std::string& shown(const NotificationUrl& url);

/// One of `notifications`, every value checked. Immutable once loaded.
struct Notification
{
    WebhookName name; ///< the same characters as a webhook's
    std::string description = {};
    std::vector<NotificationUrl> urls = {}; ///< at least one
    std::bitset<kind_count> events = std::bitset<kind_count>().set();
    std::vector<std::string> dids =
        {}; ///< E.164 keys, as those of dialplans: a number, or a prefix ending in `*`; empty: all
    EventFormat format = EventFormat::voys_v2;
    std::shared_ptr<const BodyFields> fields = {}; ///< of `EventFormat::fields`
    std::chrono::milliseconds expires{std::chrono::hours(24)};
    std::chrono::milliseconds timeout{5000};
    std::chrono::milliseconds connect_timeout{2000};
    std::uint16_t redirects = 3;
    std::shared_ptr<const std::vector<RequestHeader>> headers = {}; ///< null: none; without variables
    std::vector<SigningSecret> secrets = {};
    std::shared_ptr<const TlsOptions> tls = {}; ///< null: the defaults

    /// Returns whether events of `kind` of a call to `did_key` (`Numbers::key` of its DID) are told.
    bool wants(Kind kind, const std::string& did_key) const;
};

/// All of a configuration, ordered by name.
using Notifications = std::vector<Notification>;

} // namespace dialhook::events
