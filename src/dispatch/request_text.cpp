#include "dispatch/request_text.hpp"

#include <dialhook/call/json_text.hpp>
#include <dialhook/call/text.hpp>
#include <dialhook/version.hpp>
#include <dialhook/webhook/percent.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace dialhook::dispatch {
namespace {

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

/// Whether one of the header lines is called `name`.
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

} // namespace

std::string own_headers(const Webhook& webhook)
{
    std::string headers;
    append_header(headers, "Host", webhook.url.origin().authority());
    if (!has_header(webhook, "User-Agent"))
        append_header(headers, "User-Agent", user_agent);
    if (!has_header(webhook, "Accept"))
        append_header(headers, "Accept", "*/*");
    if (!webhook.url.authorization().empty() && !has_header(webhook, "Authorization"))
        append_header(headers, "Authorization", webhook.url.authorization());
    if (webhook.headers)
        for (const RequestHeader& header : *webhook.headers)
            append_header(headers, header.name(), header.value());
    return headers;
}

std::string foreign_headers(const Origin& origin)
{
    std::string headers;
    append_header(headers, "Host", origin.authority());
    append_header(headers, "User-Agent", user_agent);
    append_header(headers, "Accept", "*/*");
    return headers;
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
    out += content == Content::get ? "GET " : "POST ";
}

void append_rest(std::string& out, std::string_view headers, Content content, RequestKind kind, const Firing& firing)
{
    out += " HTTP/1.1\r\n";
    out += headers;
    if (content == Content::post) {
        const bool is_json = kind == RequestKind::post_json;
        const std::string body = is_json ? json_body(firing) : form_body(firing);
        if (!has_line(headers, "Content-Type"))
            append_header(out, "Content-Type", is_json ? "application/json" : "application/x-www-form-urlencoded");
        append_header(out, "Content-Length", std::to_string(body.size()));
        out += "\r\n";
        out += body;
        return;
    }
    if (content == Content::post_body_less)
        append_header(out, "Content-Length", "0");
    out += "\r\n";
}

} // namespace dialhook::dispatch
