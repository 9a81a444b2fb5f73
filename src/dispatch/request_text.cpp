#include "dispatch/request_text.hpp"

#include "base/json_text.hpp"
#include "base/percent.hpp"
#include "base/text.hpp"
#include "dispatch/signature.hpp"
#include "version.hpp"

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

using Member = std::pair<std::string_view, std::string_view>;

/// The numbers in the form that the webhook sends them in; empty: as they are.
struct SentNumbers
{
    explicit SentNumbers(const VariableValues& values)
    {
        if (values.send == NumberForm::as_is)
            return;
        did = values.in_form(Variable::did, values.send);
        callerid = values.in_form(Variable::callerid, values.send);
    }

    std::string did;
    std::string callerid;
};

std::array<Member, 6> members_of(const Dispatch& dispatch, const SentNumbers& sent)
{
    const Call& call = dispatch.call;
    const auto number = [](const std::string& in_form, std::string_view as_is) {
        return in_form.empty() ? as_is : std::string_view(in_form);
    };
    return {Member{"did", number(sent.did, call.did.view())},
            Member{"callerid", number(sent.callerid, call.callerid.view())},
            Member{"callername", call.callername.view()},
            Member{"call_id", call.call_id.view()},
            Member{"presentation", to_string(call.presentation)},
            Member{"code", dispatch.code}};
}

std::string form_body(const Dispatch& dispatch, const SentNumbers& sent)
{
    std::string body;
    for (const auto& [name, value] : members_of(dispatch, sent)) {
        if (value.empty())
            continue;
        body.append(body.empty() ? "" : "&").append(name).append("=");
        percent::append_encoded(body, value);
    }
    return body;
}

std::string json_body(const Dispatch& dispatch, const SentNumbers& sent)
{
    std::string body;
    for (const auto& [name, value] : members_of(dispatch, sent)) {
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

std::string body_of(const Webhook& webhook, const Dispatch& dispatch)
{
    const VariableValues values = values_of(webhook, dispatch);
    const bool is_json = webhook.request == RequestKind::post_json;
    if (webhook.fields)
        return is_json ? webhook.fields->json(values) : webhook.fields->form(values);
    const SentNumbers sent(values);
    return is_json ? json_body(dispatch, sent) : form_body(dispatch, sent);
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

bool has_header(const OwnHeaders* configured, std::string_view name)
{
    return configured != nullptr &&
           std::any_of(configured->begin(), configured->end(),
                       [&](const RequestHeader& header) { return text::equals_ignoring_case(header.name(), name); });
}

std::string own_headers(const OwnHeaders* configured, const UrlTemplate& url, const net::Target& target)
{
    std::string headers;
    append_header(headers, "Host", url.origin().authority());
    if (!has_header(configured, "User-Agent"))
        append_header(headers, "User-Agent", user_agent);
    if (!has_header(configured, "Accept"))
        append_header(headers, "Accept", "*/*");
    if (!has_header(configured, "Accept-Encoding"))
        append_header(headers, "Accept-Encoding", plain);
    if (!url.authorization().empty() && !has_header(configured, "Authorization"))
        append_header(headers, "Authorization", url.authorization());
    append_proxy_header(headers, target);
    if (configured != nullptr)
        for (const RequestHeader& header : *configured)
            if (header.value_template() == nullptr)
                append_header(headers, header.name(), header.value());
    return headers;
}

bool has_header_templates(const Webhook& webhook)
{
    return webhook.headers &&
           std::any_of(webhook.headers->begin(), webhook.headers->end(),
                       [](const RequestHeader& header) { return header.value_template() != nullptr; });
}

void append_header_templates(std::string& out, const Webhook& webhook, const Dispatch& dispatch)
{
    const VariableValues values = values_of(webhook, dispatch);
    for (const RequestHeader& header : *webhook.headers) {
        if (header.value_template() == nullptr)
            continue;
        out.append(header.name()).append(": ");
        header.value_template()->expand(values, ValueTemplate::Encoding::header, out);
        out.append("\r\n");
    }
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

VariableValues values_of(const Webhook& webhook, const Dispatch& dispatch)
{
    const Call& call = dispatch.call;
    VariableValues values;
    values.send = webhook.send;
    values.numbers = dispatch.numbers;
    values.vars = &call.vars;
    values[Variable::code] = dispatch.code;
    values[Variable::did] = call.did.view();
    values[Variable::callerid] = call.callerid.view();
    values[Variable::callername] = call.callername.view();
    values[Variable::call_id] = call.call_id.view();
    values[Variable::presentation] = to_string(call.presentation);
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

void append_rest(std::string& out, std::string_view own, Content content, RequestBody body,
                 const std::optional<Signing>& signing, std::string_view more)
{
    std::string signature;
    if (signing) {
        const std::string_view target = std::string_view(out).substr(signing->target_at);
        signature = signature_headers(signing->secrets, signing->id, signing->now,
                                      content == Content::post ? body.text : target);
    }
    out.append(" HTTP/1.1\r\n"sv).append(own).append(more).append(signature);
    if (content == Content::post && !body.content_type.empty())
        append_header(out, "Content-Type", body.content_type);
    if (content != Content::get)
        append_header(out, "Content-Length", std::to_string(body.text.size()));
    out.append("\r\n"sv).append(body.text);
}

void append_rest(std::string& out, std::string_view headers, Content content, const Webhook& webhook,
                 const Dispatch& dispatch, const std::optional<Signing>& signing, std::string_view more)
{
    if (content != Content::post)
        return append_rest(out, headers, content, {}, signing, more);
    const std::string body = body_of(webhook, dispatch);
    std::string_view type;
    if (!has_header(webhook.headers.get(), "Content-Type"))
        type = webhook.request == RequestKind::post_json ? "application/json"sv : "application/x-www-form-urlencoded"sv;
    append_rest(out, headers, content, {body, type}, signing, more);
}

std::string request_key(const Webhook& webhook, const Dispatch& dispatch)
{
    std::string key;
    webhook.url.expand(values_of(webhook, dispatch), key);
    if (webhook.request != RequestKind::get)
        key.append("\n").append(body_of(webhook, dispatch));
    if (has_header_templates(webhook))
        append_header_templates(key.append("\n"), webhook, dispatch);
    for (const CallVar& var : dispatch.call.vars) {
        key.append("\n").append(var.name).append("=");
        percent::append_encoded(key, var.value);
    }
    return key;
}

} // namespace dialhook::dispatch
