#include "dispatch/redirect.hpp"

#include "base/text.hpp"
#include "fuzz/require.hpp"
#include "fuzz/targets.hpp"
#include "webhook/authority.hpp"

#include <algorithm>
#include <string>

namespace dialhook::fuzz {
namespace {

using dispatch::Content;
using dispatch::Hop;

bool may_stand_in_request_line(char byte)
{
    return byte > ' ' && byte < '\x7F';
}

bool has_dot_segment(std::string_view path)
{
    path = path.substr(0, path.find('?'));
    while (!path.empty()) {
        path.remove_prefix(1);
        const std::string_view segment = path.substr(0, path.find('/'));
        if (segment == "." || segment == "..")
            return true;
        path.remove_prefix(segment.size());
    }
    return false;
}

void follow(const Hop& hop, int status, std::string_view location)
{
    const auto next = dispatch::next_hop(hop, status, location);
    if (!next) {
        require(!next.error().message.empty(), "a redirect that is not followed says why");
        return;
    }
    require(next->origin.https || !hop.origin.https, "https never goes down to http");
    require(next->target.starts_with('/'), "a target is a path");
    require(std::ranges::all_of(next->target, may_stand_in_request_line), "a target cannot end the request line");
    require(!has_dot_segment(next->target), "a target has no dot segments");
    require(next->target.find('#') == std::string::npos, "a target has no fragment");
    const auto authority = read_authority(next->origin.https, next->origin.authority());
    require(authority.has_value(), "an origin can be written");
    require(authority->origin == next->origin, "an origin is read as it was written");
    require(next->content != Content::post || (next->origin == hop.origin && status >= 307),
            "a body goes to its own origin alone");
    require(next->origin == hop.origin || location.find("//") != std::string_view::npos,
            "only a Location with an authority leaves the origin");
}

} // namespace

/// The Location of a redirect.
void redirect(std::string_view input)
{
    const Hop plain{{false, "crm.lan", 80}, "/a/b/c?d=e", Content::post};
    const Hop secure{{true, "2001:db8::1", 8443}, "/", Content::post};
    for (const int status : {302, 308}) {
        follow(plain, status, input);
        follow(secure, status, input);
    }
}

} // namespace dialhook::fuzz
