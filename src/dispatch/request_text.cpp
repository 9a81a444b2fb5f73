#include "dispatch/request_text.hpp"

#include "dispatch/signature.hpp"

#include <dialhook/call/json_text.hpp>
#include <dialhook/call/text.hpp>
#include <dialhook/version.hpp>
#include <dialhook/webhook/percent.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace dialhook::dispatch {
namespace {

using namespace std::string_view_literals;

/// Without a word about it a web server may compress (RFC 9110, 12.5.3).
constexpr std::string_view plain = "identity";

void append_header(std::string& out, std::string_view name, std::string_view value)
{
    out.append(name).append(": ").append(value).append("\r\n");
}

bool has_header(const Webhook& webhook, std::string_view name)
{
    return webhook.headers &&
           std::any_of(webhook.headers->begin(), webhook.headers->end(),
                       [&](const RequestHeader& header) { return text::equals_ignoring_case(header.name(), name); });
}

using BodyField = std::pair<std::string_view, std::string_view>;

std::array<BodyField, 6> body_fields(const Firing& firing)
{
    const Call& call = firing.call;
    return {BodyField{"did", call.did.view()},
            BodyField{"callerid", call.callerid.view()},
            BodyField{"callername", call.callername.view()},
            BodyField{"call_id", call.call_id.view()},
            BodyField{"presentation", to_string(call.presentation)},
            BodyField{"code", firing.code}};
}

std::string form_body(const Firing& firing)
{
    std::string body;
    for (const auto& [name, value] : body_fields(firing)) {
        if (value.empty())
            continue;
        body.append(body.empty() ? "" : "&").append(name).append("=");
        percent::append_encoded(body, value);
    }
    return body;
}

std::string json_body(const Firing& firing)
{
    std::string body;
    for (const auto& [name, value] : body_fields(firing)) {
        if (value.empty())
            continue;
        body += body.empty() ? '{' : ',';
        append_json_string(body, name);
        body += ':';
        append_json_string(body, value);
    }
    body += '}';
    return body;
}

/// A proxy forwards http itself; of https it sees nothing but a tunnel.
bool is_forwarded(const net::Target& target)
{
    return target.proxy != nullptr && target.tls == nullptr;
}

void append_proxy_header(std::string& headers, const net::Target& target)
{
    if (is_forwarded(target) && !target.proxy->authorization.empty())
        append_header(headers, "Proxy-Authorization", target.proxy->authorization);
}

} // namespace

bool has_line(std::string_view headers, std::string_view name)
{
    while (!headers.empty()) {
        const std::string_view line = headers.substr(0, headers.find("\r\n"));
        if (text::equals_ignoring_case(line.substr(0, line.find(':')), name))
            return true;
        headers.remove_prefix(std::min(line.size() + 2, headers.size()));
    }
    return false;
}

std::string own_headers(const Webhook& webhook, const UrlTemplate& url, const net::Target& target)
{
    std::string headers;
    append_header(headers, "Host", url.origin().authority());
    if (!has_header(webhook, "User-Agent"))
        append_header(headers, "User-Agent", user_agent);
    if (!has_header(webhook, "Accept"))
        append_header(headers, "Accept", "*/*");
    if (!has_header(webhook, "Accept-Encoding"))
        append_header(headers, "Accept-Encoding", plain);
    if (!url.authorization().empty() && !has_header(webhook, "Authorization"))
        append_header(headers, "Authorization", url.authorization());
    append_proxy_header(headers, target);
    if (webhook.headers)
        for (const RequestHeader& header : *webhook.headers)
            append_header(headers, header.name(), header.value());
    return headers;
}

std::string foreign_headers(const Origin& origin, const net::Target& target)
{
    std::string headers;
    append_header(headers, "Host", origin.authority());
    append_header(headers, "User-Agent", user_agent);
    append_header(headers, "Accept", "*/*");
    append_header(headers, "Accept-Encoding", plain);
    append_proxy_header(headers, target);
    return headers;
}

void append_absolute_form(std::string& out, const net::Target& target, const Origin& origin)
{
    if (is_forwarded(target))
        out.append("http://").append(origin.authority());
}

VariableValues values_of(const Firing& firing)
{
    const Call& call = firing.call;
    VariableValues values;
    values[Variable::code] = firing.code;
    values[Variable::did] = call.did.view();
    values[Variable::callerid] = call.callerid.view();
    values[Variable::callername] = call.callername.view();
    values[Variable::call_id] = call.call_id.view();
    return values;
}

Content content_of(RequestKind kind)
{
    return kind == RequestKind::get ? Content::get : Content::post;
}

void append_method(std::string& out, Content content)
{
    out += content == Content::get ? "GET "sv : "POST "sv;
}

void append_rest(std::string& out, std::string_view headers, Content content, RequestKind kind, const Firing& firing,
                 const std::optional<Signing>& signing, std::string_view more)
{
    std::string body;
    if (content == Content::post)
        body = kind == RequestKind::post_json ? json_body(firing) : form_body(firing);
    std::string signature;
    if (signing) {
        const std::string_view target = std::string_view(out).substr(signing->target_at);
        signature = signature_headers(signing->secrets, signing->id, signing->now,
                                      content == Content::post ? std::string_view(body) : target);
    }
    out.append(" HTTP/1.1\r\n"sv).append(headers).append(more).append(signature);
    if (content == Content::post && !has_line(headers, "Content-Type"))
        append_header(out, "Content-Type",
                      kind == RequestKind::post_json ? "application/json" : "application/x-www-form-urlencoded");
    if (content != Content::get)
        append_header(out, "Content-Length", std::to_string(body.size()));
    out.append("\r\n"sv).append(body);
}

std::string request_key(const Webhook& webhook, const Firing& firing)
{
    std::string key;
    webhook.url.expand(values_of(firing), key);
    if (webhook.request != RequestKind::get)
        key.append("\n").append(json_body(firing));
    return key;
}

} // namespace dialhook::dispatch
