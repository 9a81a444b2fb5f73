#include "dispatch/redirect.hpp"

#include "base/percent.hpp"
#include "webhook/authority.hpp"

#include <boost/url/parse.hpp>
#include <boost/url/url.hpp>

#include <algorithm>
#include <string>

namespace dialhook::dispatch {
namespace {

namespace urls = boost::urls;

constexpr std::size_t max_location = 8192;

/// Where the authority of a URL reference stands; both are 0 if it has none.
struct AuthorityPlace
{
    std::size_t begin = 0;
    std::size_t end = 0;
};

AuthorityPlace authority_in(std::string_view reference)
{
    const std::size_t first = reference.find_first_of("/?#");
    if (first == std::string_view::npos || reference.substr(first, 2) != "//" ||
        (first != 0 && reference[first - 1] != ':'))
        return {};
    return {first + 2, std::min(reference.find_first_of("/?#", first + 2), reference.size())};
}

/// Web servers put raw spaces, UTF-8 and whatever else no URL may hold into Location; as in URL templates, it is
/// encoded. Brackets may stand in an authority alone.
std::string with_raw_bytes_encoded(std::string_view location)
{
    constexpr std::string_view never_in_urls = "\"<>\\^`{|}";
    const std::size_t end_of_authority = authority_in(location).end;
    std::string encoded;
    for (std::size_t index = 0; index < location.size(); ++index) {
        const char byte = location[index];
        const bool is_raw = static_cast<unsigned char>(byte) <= 0x20 || static_cast<unsigned char>(byte) >= 0x7F ||
                            never_in_urls.find(byte) != std::string_view::npos ||
                            ((byte == '[' || byte == ']') && index >= end_of_authority);
        if (is_raw || (byte == '%' && !percent::is_escape(location, index)))
            percent::append_encoded(encoded, std::string_view(&byte, 1));
        else
            encoded += byte;
    }
    return encoded;
}

/// Boost.URL 1.81 does not read every authority that `read_authority` does: it gets this one, which nobody looks at.
constexpr std::string_view any_authority = "host";

std::string base_of(const Hop& hop)
{
    return (hop.origin.https ? "https://" : "http://") + std::string(any_authority) + hop.target;
}

Content content_after(Content content, int status, bool same_origin)
{
    const bool keeps_method = status == 307 || status == 308;
    if (content == Content::get || !keeps_method)
        return Content::get;
    return content == Content::post && same_origin ? Content::post : Content::post_body_less;
}

/// Returns `path` without what would lead above the root, which Boost.URL 1.81 leaves in (RFC 3986, 5.2.4).
std::string without_climbing(std::string path)
{
    while (path == "/.." || path.starts_with("/../"))
        path.erase(0, 3);
    return path;
}

std::string text_of(urls::string_view view)
{
    return std::string(view.data(), view.size());
}

} // namespace

bool is_redirect(int status)
{
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

boost::system::result<Hop, BadRedirect> next_hop(const Hop& hop, int status, std::string_view location)
{
    if (location.empty())
        return BadRedirect{"the redirect has no Location"};
    if (location.size() > max_location)
        return BadRedirect{"the redirect's Location is longer than 8 KiB"};

    const std::string base_text = base_of(hop);
    std::string reference_text = with_raw_bytes_encoded(location);
    const AuthorityPlace place = authority_in(reference_text);
    const std::string authority_text = reference_text.substr(place.begin, place.end - place.begin);
    if (place.end != 0 && read_authority(false, authority_text))
        reference_text.replace(place.begin, authority_text.size(), any_authority);
    const auto base = urls::parse_uri(base_text);
    const auto reference = urls::parse_uri_reference(reference_text);
    urls::url resolved;
    if (!base || !reference || !urls::resolve(*base, *reference, resolved))
        return BadRedirect{"the redirect's Location is not a URL"};
    if (resolved.scheme_id() != urls::scheme::http && resolved.scheme_id() != urls::scheme::https)
        return BadRedirect{"the redirect leads to a scheme other than http and https"};

    // Boost.URL 1.81 reads "http://host:port/" with letters for a port as a path after an empty port.
    if (reference->has_authority() && !reference->encoded_path().empty() && reference->encoded_path().front() != '/')
        return BadRedirect{"the redirect's Location is not a URL"};

    const bool https = resolved.scheme_id() == urls::scheme::https;
    if (hop.origin.https && !https)
        return BadRedirect{"the redirect leads from https down to http"};
    Hop next{hop.origin, without_climbing(text_of(resolved.encoded_path())), Content::get};
    if (reference->has_authority()) {
        auto authority = read_authority(https, authority_text);
        if (!authority)
            return BadRedirect{"the redirect's Location has no usable host"};
        next.origin = std::move(authority->origin);
    } else if (reference->has_scheme()) { // `http:c`
        return BadRedirect{"the redirect's Location has no usable host"};
    }
    if (next.target.empty())
        next.target = "/";
    if (resolved.has_query())
        next.target += "?" + text_of(resolved.encoded_query());
    next.content = content_after(hop.content, status, next.origin == hop.origin);
    return next;
}

} // namespace dialhook::dispatch
