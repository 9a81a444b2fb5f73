#pragma once

#include "dispatch/request_text.hpp"
#include "webhook/origin.hpp"

#include <boost/system/result.hpp>

#include <string>
#include <string_view>

namespace dialhook::dispatch {

/// Where a request goes: the webhook's URL, or where a redirect sent it.
struct Hop
{
    Origin origin;
    std::string target; ///< path and query as sent
    Content content = Content::get;
};

/// Why a redirect is not followed: a sentence without the URL, which may hold what is secret.
struct BadRedirect
{
    std::string_view message;
};

/// Returns whether `status` is 301, 302, 303, 307 or 308: the ones that are followed (RFC 9110, 15.4).
bool is_redirect(int status);

/// Returns where `status` with `location` sends a request that went to `hop`. https never goes down to http; 301, 302
/// and 303 turn POST into GET; a body never goes to another origin.
boost::system::result<Hop, BadRedirect> next_hop(const Hop& hop, int status, std::string_view location);

} // namespace dialhook::dispatch
