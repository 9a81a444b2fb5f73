#include "api/rpc/shown_exchange.hpp"

#include "base/text.hpp"
#include "net/http/response_head.hpp"
#include "webhook/reply.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <optional>
#include <utility>

namespace dialhook::rpc {
namespace {

using nlohmann::ordered_json;

constexpr std::string_view mask = "***";
constexpr std::size_t max_body = 4096;

/// A shorter value (`X-Tenant: 17`) would be found where it is something else.
constexpr std::size_t min_secret = 6;

/// Start line, headers and what follows them. What is no HTTP is all body.
struct Message
{
    std::string_view start;
    std::vector<std::pair<std::string_view, std::string_view>> headers;
    std::string_view body;
};

std::string_view take_line(std::string_view& rest)
{
    const auto end = rest.find('\n');
    std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    if (line.ends_with('\r'))
        line.remove_suffix(1);
    return line;
}

Message message_of(std::string_view rest)
{
    Message message;
    message.start = take_line(rest);
    while (!rest.empty()) {
        const std::string_view line = take_line(rest);
        if (line.empty())
            break;
        const auto colon = std::min(line.find(':'), line.size());
        message.headers.emplace_back(line.substr(0, colon),
                                     text::trimmed(line.substr(std::min(colon + 1, line.size()))));
    }
    message.body = rest;
    return message;
}

std::optional<int> status_in(std::string_view start)
{
    const auto line = net::read_status_line(start);
    return line ? std::optional(line->status) : std::nullopt;
}

/// Returns the final response; interim ones (1xx) precede it.
Message reply_in(std::string_view received)
{
    while (true) {
        Message message = message_of(received);
        const auto status = status_in(message.start);
        if (!status)
            return {{}, {}, received};
        if (*status >= 200 || message.body.empty())
            return message;
        received = message.body;
    }
}

ordered_json shown_headers(const Message& message, const dispatch::ExchangeReport& exchange, const SecretMask& secrets)
{
    ordered_json headers = ordered_json::array();
    for (const auto& [name, value] : message.headers)
        headers.push_back({{"name", text::utf8_or_windows_1252(std::string(name))},
                           {"value", exchange.is_own && secrets.is_secret(name)
                                         ? std::string(mask)
                                         : secrets.masked(text::utf8_or_windows_1252(std::string(value)))}});
    return headers;
}

/// Returns `body`, and whether more of it came than is shown.
ordered_json shown_body(std::string_view body, const SecretMask& secrets)
{
    // What a cut leaves of a secret would not be known for one.
    const std::string whole = secrets.masked(text::utf8_or_windows_1252(std::string(body)));
    const std::string_view shown = text::first_bytes(whole, max_body);
    return {{"body", shown}, {"body_bytes", body.size()}, {"body_is_cut", shown.size() < whole.size()}};
}

/// Returns where the values of a reply stood: `field`, `name` of a variable, and `place`, a key or a JSON Pointer.
ordered_json places_of(const ReplyReading& reading)
{
    ordered_json places = ordered_json::array();
    for (const ReplyReading::Value& value : reading.values) {
        const bool is_variable = value.field == ReplyField::variable;
        ordered_json place{{"field", is_variable ? "variable" : to_string(value.field)}};
        if (is_variable)
            place["name"] = value.variable;
        place["place"] = value.place;
        places.push_back(std::move(place));
    }
    return places;
}

/// Returns the JSON Pointers of the configuration that led to no value.
ordered_json pointers_to_nothing(const ReplyReading& reading, const ReplyOptions& options)
{
    ordered_json pointers = ordered_json::array();
    for (const ReplyTarget& target : options.targets) {
        const bool is_found = std::any_of(reading.values.begin(), reading.values.end(), [&](const auto& value) {
            return value.field == target.field && value.variable == target.variable;
        });
        if (target.key.empty() && !is_found)
            pointers.push_back(target.place());
    }
    return pointers;
}

/// Returns how the daemon reads the body: what the reply says, or why it is none, and where that stood.
ordered_json reading_of(const std::string& body, const SecretMask& secrets, std::string_view international_prefix,
                        const ReplyOptions& options)
{
    ReplyReading reading;
    const auto reply = Reply::read(body, international_prefix, options, &reading);
    ordered_json shown;
    if (!reply) {
        shown["fault"] = to_string(reply.error());
    } else {
        ordered_json variables = ordered_json::object();
        for (const auto& [name, value] : reply->variables)
            variables[name] = secrets.masked(value);
        shown = {{"status", to_string(reply->status)},
                 {"destination", reply->destination ? ordered_json(reply->destination->str()) : ordered_json()},
                 {"callername",
                  reply->callername.empty() ? ordered_json() : ordered_json(secrets.masked(reply->callername))},
                 {"variables", std::move(variables)}};
    }
    shown["format"] = to_string(reading.format);
    shown["places"] = places_of(reading);
    shown["nothing_at"] =
        reading.format == ReplyFormat::json ? pointers_to_nothing(reading, options) : ordered_json::array();
    return shown;
}

/// Of a body that is a name, another status than 2xx says it all.
bool is_body_read(std::optional<int> status, const ReplyOptions& options)
{
    return options.format != ReplyFormat::text || (status && *status >= 200 && *status < 300);
}

/// `read` is left to those who read it.
ordered_json shown_reply(const dispatch::ExchangeReport& exchange, const SecretMask& secrets)
{
    if (exchange.received.empty())
        return nullptr;
    const Message message = reply_in(exchange.received);
    const auto status = status_in(message.start);
    const std::string_view body =
        exchange.body && !exchange.body->empty() ? std::string_view(*exchange.body) : message.body;
    ordered_json reply{{"status", status ? ordered_json(*status) : ordered_json()},
                       {"headers", shown_headers(message, exchange, secrets)}};
    reply.update(shown_body(body, secrets));
    return reply;
}

/// Returns null where the reply is none, or counts by its status alone.
ordered_json read_of(const dispatch::ExchangeReport& exchange, const SecretMask& secrets,
                     std::string_view international_prefix, const ReplyOptions& options)
{
    const auto status = status_in(reply_in(exchange.received).start);
    if (!exchange.body || !is_body_read(status, options))
        return nullptr;
    return reading_of(*exchange.body, secrets, international_prefix, options);
}

std::string url_of(const Message& request, std::string_view target, bool https)
{
    if (!target.starts_with('/'))
        return std::string(target); // for a proxy, which gets all of it
    std::string url = https ? "https://" : "http://";
    for (const auto& [name, value] : request.headers)
        if (text::equals_ignoring_case(name, "Host"))
            url += value;
    return url.append(target);
}

} // namespace

SecretMask::SecretMask(const dispatch::ResolvedWebhook& resolved)
{
    if (resolved.webhook->headers)
        for (const RequestHeader& header : *resolved.webhook->headers)
            add(header);
    add(resolved.main.url->authorization());
    if (resolved.fallback)
        add(resolved.fallback->url->authorization());
    if (resolved.main.target.proxy)
        add(resolved.main.target.proxy->authorization);
    sort();
}

SecretMask::SecretMask(const dispatch::ResolvedNotification& resolved)
{
    if (resolved.notification->headers)
        for (const RequestHeader& header : *resolved.notification->headers)
            add(header);
    for (const dispatch::EventEndpoint& endpoint : resolved.endpoints) {
        add(endpoint.url->authorization());
        if (endpoint.target.proxy)
            add(endpoint.target.proxy->authorization);
    }
    sort();
}

void SecretMask::add(const RequestHeader& header)
{
    const ValueTemplate* const text = header.value_template();
    if (text == nullptr) {
        names_.push_back(header.name());
        return add(header.value());
    }
    const auto literals = text->literals();
    if (!literals.empty()) // one of variables alone shows what its author wants to see
        names_.push_back(header.name());
    for (const std::string_view literal : literals)
        add(literal);
}

/// Sorts the longer one first, where one holds the other.
void SecretMask::sort()
{
    std::sort(values_.begin(), values_.end(),
              [](const std::string& left, const std::string& right) { return left.size() > right.size(); });
}

/// Adds the value as a whole, and what follows `Bearer` or `Basic` in it.
void SecretMask::add(std::string_view value)
{
    for (const std::string_view secret : {value, value.substr(std::min(value.find(' ') + 1, value.size()))})
        if (secret.size() >= min_secret)
            values_.emplace_back(secret);
}

bool SecretMask::is_secret(std::string_view header_name) const
{
    const auto is_it = [&](std::string_view other) { return text::equals_ignoring_case(header_name, other); };
    return is_it("Authorization") || is_it("Proxy-Authorization") || is_it("webhook-signature") ||
           std::any_of(names_.begin(), names_.end(), is_it);
}

std::string SecretMask::masked(std::string text) const
{
    for (const std::string& secret : values_)
        for (auto at = text.find(secret); at != std::string::npos; at = text.find(secret, at + mask.size()))
            text.replace(at, secret.size(), mask);
    return text;
}

ordered_json shown_event_exchange(const dispatch::ExchangeReport& exchange, const SecretMask& secrets)
{
    const Message request = message_of(exchange.request);
    const auto method_end = request.start.find(' ');
    const auto target_end = request.start.rfind(' ');
    const std::string_view target = request.start.substr(method_end + 1, target_end - method_end - 1);
    ordered_json sent{{"method", request.start.substr(0, method_end)},
                      {"headers", shown_headers(request, exchange, secrets)}};
    sent.update(shown_body(request.body, secrets));
    return {{"url", secrets.masked(url_of(request, target, exchange.https))},
            {"request", std::move(sent)},
            {"reply", shown_reply(exchange, secrets)}};
}

ordered_json shown_exchange(const dispatch::ExchangeReport& exchange, const SecretMask& secrets,
                            std::string_view international_prefix, const ReplyOptions& options)
{
    ordered_json shown = shown_event_exchange(exchange, secrets);
    if (ordered_json& reply = shown["reply"]; !reply.is_null())
        reply["read"] = read_of(exchange, secrets, international_prefix, options);
    return shown;
}

} // namespace dialhook::rpc
