#include "webhook/webhook.hpp"

#include "base/ascii.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <array>

namespace dialhook {
namespace {

bool is_value_byte(char c)
{
    const auto code = static_cast<unsigned char>(c);
    return (code >= 0x20 && code != 0x7F) || c == '\t';
}

/// Headers that the daemon sets itself: another value would break the framing or send the request elsewhere.
bool is_reserved(std::string_view name)
{
    constexpr std::array<std::string_view, 4> reserved{"Host", "Content-Length", "Transfer-Encoding", "Connection"};
    return std::any_of(reserved.begin(), reserved.end(),
                       [&](std::string_view other) { return text::equals_ignoring_case(name, other); });
}

template <class Value>
bool same(const std::shared_ptr<const Value>& left, const std::shared_ptr<const Value>& right)
{
    return left == right || (left && right && *left == *right);
}

} // namespace

bool same_definition(const Webhook& left, const Webhook& right)
{
    return left.name == right.name && left.url == right.url && left.callerid == right.callerid &&
           left.timeout == right.timeout && left.connect_timeout == right.connect_timeout &&
           left.request == right.request && left.send == right.send && left.redirects == right.redirects &&
           left.max_in_flight == right.max_in_flight && left.max_connections == right.max_connections &&
           left.prewarm == right.prewarm && same(left.headers, right.headers) && same(left.fields, right.fields) &&
           same(left.tls, right.tls) && same(left.destinations, right.destinations) && same(left.ivr, right.ivr) &&
           same(left.policies, right.policies) && same(left.reply, right.reply);
}

std::optional<WebhookName> WebhookName::from(std::string_view text)
{
    const auto may_stand = [](char c) {
        return ascii::is_alphanumeric(c) || c == ' ' || c == '-' || c == '_' || c == '.';
    };
    if (text.empty() || text.size() > 64 || !std::all_of(text.begin(), text.end(), may_stand))
        return std::nullopt;
    return WebhookName(std::string(text));
}

std::optional<RequestHeader> RequestHeader::from(std::string_view name, std::string_view value)
{
    if (!ascii::is_token(name) || is_reserved(name) || !std::all_of(value.begin(), value.end(), is_value_byte))
        return std::nullopt;
    return RequestHeader(std::string(name), std::string(text::trimmed(value)));
}

std::optional<RequestHeader> RequestHeader::from(std::string_view name, ValueTemplate value)
{
    std::string literals;
    for (const std::string_view literal : value.literals())
        literals += literal;
    auto header = from(name, literals);
    if (header && value.has_variables()) {
        header->value_.clear();
        header->template_ = std::make_shared<const ValueTemplate>(std::move(value));
    }
    return header;
}

bool RequestHeader::operator==(const RequestHeader& other) const
{
    return name_ == other.name_ && value_ == other.value_ && same(template_, other.template_);
}

} // namespace dialhook
