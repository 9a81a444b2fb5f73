#pragma once

#include "dispatch/dispatch.hpp"
#include "net/http/target.hpp"
#include "webhook/webhook.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dialhook::dispatch {

/// What a section has under `headers`; null: none.
using OwnHeaders = std::vector<RequestHeader>;

/// Returns the header lines of every request to the origin of `url` itself: Host, User-Agent, credentials, and of
/// `configured` those that are always the same.
std::string own_headers(const OwnHeaders* configured, const UrlTemplate& url, const net::Target& target);

/// Returns the header lines of a request that a redirect sends to another origin: nothing meant for the first one.
std::string foreign_headers(const Origin& origin, const net::Target& target);

/// Appends scheme and host before the request target, if a proxy is to forward the request.
void append_absolute_form(std::string& out, const net::Target& target, const Origin& origin);

/// Returns the values of the templates of `webhook`; views into what `dispatch` shows.
VariableValues values_of(const Webhook& webhook, const Dispatch& dispatch);

/// Returns whether some header of `webhook` has a value of each dispatch's own.
bool has_header_templates(const Webhook& webhook);

/// Appends the lines of those headers.
void append_header_templates(std::string& out, const Webhook& webhook, const Dispatch& dispatch);

/// Which method, and how much of the request's content goes along.
enum class Content : unsigned char
{
    get,           ///< GET
    post,          ///< POST with the call in its body
    post_body_less ///< POST without it: a redirect to another origin kept the method
};

Content content_of(RequestKind kind);

/// Returns whether `configured` has a header called `name`.
bool has_header(const OwnHeaders* configured, std::string_view name);

/// Appends the method and what precedes the request target.
void append_method(std::string& out, Content content);

/// How a request is signed.
struct Signing
{
    const std::vector<SigningSecret>& secrets;
    const std::string& id;
    std::chrono::system_clock::time_point now;
    std::size_t target_at; ///< where the request target begins in the text, after scheme and host of an absolute form
};

/// The body of a POST.
struct RequestBody
{
    std::string_view text = {};
    std::string_view content_type = {}; ///< empty: the configured headers say it
};

/// Appends all that follows the request target: version, headers (`own` of all requests, and `more` of this one alone),
/// body. What is signed is the body, and of a request without one the target, which is what `out` ends with.
void append_rest(std::string& out, std::string_view own, Content content, RequestBody body,
                 const std::optional<Signing>& signing, std::string_view more);

/// Appends the same of a webhook's request, whose body is the call.
void append_rest(std::string& out, std::string_view headers, Content content, const Webhook& webhook,
                 const Dispatch& dispatch, const std::optional<Signing>& signing = std::nullopt,
                 std::string_view more = {});

/// Returns what tells a request from others of the same webhook: its target, body and headers, and all `vars`.
std::string request_key(const Webhook& webhook, const Dispatch& dispatch);

} // namespace dialhook::dispatch
