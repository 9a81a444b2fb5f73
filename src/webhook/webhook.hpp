#pragma once

#include "call/destination.hpp"
#include "call/presentation.hpp"
#include "webhook/body_fields.hpp"
#include "webhook/ivr.hpp"
#include "webhook/policies.hpp"
#include "webhook/reply_options.hpp"
#include "webhook/url_template.hpp"
#include "webhook/value_template.hpp"

#include <chrono>
#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dialhook {

/// 1 to 64 ASCII letters, digits, spaces, `-`, `_` and `.`.
class WebhookName
{
public:
    static std::optional<WebhookName> from(std::string_view text);

    const std::string& str() const { return text_; }
    auto operator<=>(const WebhookName&) const = default;

private:
    explicit WebhookName(std::string text)
        : text_(std::move(text))
    {
    }

    std::string text_;
};

/// How the call is sent to the web server.
enum class RequestKind : unsigned char
{
    get,       ///< in the URL alone
    post_form, ///< and in an application/x-www-form-urlencoded body
    post_json  ///< and in a JSON body
};

/// One extra header of a webhook's requests. Never logged: the value may be a credential.
class RequestHeader
{
public:
    /// Returns nullopt unless `name` is a token (RFC 9110) that the daemon does not set itself (Host, Content-Length,
    /// Transfer-Encoding, Connection) and `value` holds no control character but tab.
    static std::optional<RequestHeader> from(std::string_view name, std::string_view value);

    /// Makes the same with a value that may differ from dispatch to dispatch.
    static std::optional<RequestHeader> from(std::string_view name, ValueTemplate value);

    const std::string& name() const { return name_; }
    /// Returns an empty text if the value holds variables.
    const std::string& value() const { return value_; }
    /// Returns null if it holds none.
    const ValueTemplate* value_template() const { return template_.get(); }
    bool operator==(const RequestHeader& other) const;

private:
    RequestHeader(std::string name, std::string value)
        : name_(std::move(name))
        , value_(std::move(value))
    {
    }

    std::string name_;
    std::string value_;
    std::shared_ptr<const ValueTemplate> template_ = nullptr;
};

enum class TlsVersion : unsigned char
{
    tls_1_2,
    tls_1_3
};

/// `tls` of a webhook. Empty paths mean: the system's CAs, no client certificate.
struct TlsOptions
{
    std::string ca_file;
    std::string client_cert;
    std::string client_key;
    TlsVersion min_version = TlsVersion::tls_1_2;

    auto operator<=>(const TlsOptions&) const = default;
};

/// A webhook as configured, every value checked. Immutable once loaded, shared by all threads.
struct Webhook
{
    WebhookName name;
    UrlTemplate url;
    std::string description;
    ForwardedNumber callerid = ForwardedNumber::caller;
    std::chrono::milliseconds timeout{5000};
    std::chrono::milliseconds connect_timeout{2000};
    RequestKind request = RequestKind::get;
    NumberForm send = NumberForm::as_is; ///< of `did` and `callerid`, where a template says nothing else
    std::uint16_t redirects = 3;
    std::uint32_t max_in_flight = 1000;
    std::uint32_t max_connections = 256;                       ///< to one origin; calls beyond wait
    std::uint32_t prewarm = 0;                                 ///< kept open to `url`; not above `max_connections`
    std::shared_ptr<const std::vector<RequestHeader>> headers; ///< null: none; shared by webhooks that take defaults
    std::shared_ptr<const BodyFields> fields = nullptr;        ///< of a POST; null: the call's own
    std::shared_ptr<const TlsOptions> tls;                     ///< null: the defaults
    std::shared_ptr<const DestinationPatterns> destinations;   ///< null: any
    std::shared_ptr<const Ivr> ivr = nullptr;                  ///< null: no code is asked for
    std::shared_ptr<const Policies> policies = nullptr;        ///< null: the defaults
    std::shared_ptr<const ReplyOptions> reply = nullptr;       ///< null: the standard ones

    /// Returns whether a call waits for the reply.
    bool is_waited_for() const { return policies == nullptr || policies->wait; }

    /// Returns how its replies are read.
    const ReplyOptions& reply_options() const { return reply ? *reply : ReplyOptions::standard(); }
};

/// Returns whether both are the same webhook, except for texts for people.
bool same_definition(const Webhook& left, const Webhook& right);

} // namespace dialhook
