#include <dialhook/call/text.hpp>
#include <dialhook/dialplan/did_key.hpp>
#include <dialhook/webhook/percent.hpp>

#include <algorithm>

namespace dialhook::dialplan {
namespace {

bool has_scheme(std::string_view uri, std::string_view scheme)
{
    return uri.size() > scheme.size() && text::equals_ignoring_case(uri.substr(0, scheme.size()), scheme);
}

/// RFC 3966: `tel:+31-50-210.2544;phone-context=…`
std::string number_of_tel(std::string_view rest)
{
    std::string number(rest.substr(0, rest.find(';')));
    std::erase_if(number, [](char c) { return c == '-' || c == '.' || c == '(' || c == ')'; });
    return number;
}

/// RFC 3261: `sip:user;parameters:password@host…`; one without a user has no number.
std::string number_of_sip(std::string_view uri, std::string_view rest)
{
    const auto at = rest.find('@');
    if (at == std::string_view::npos)
        return std::string(uri);
    const std::string_view user = rest.substr(0, at);
    return percent::decoded(user.substr(0, user.find_first_of(";:")), percent::Plus::stays);
}

std::string number_of(std::string_view did)
{
    if (has_scheme(did, "tel:"))
        return number_of_tel(did.substr(4));
    if (has_scheme(did, "sip:"))
        return number_of_sip(did, did.substr(4));
    if (has_scheme(did, "sips:"))
        return number_of_sip(did, did.substr(5));
    return std::string(did);
}

} // namespace

std::string did_key(std::string_view did, std::string_view international_prefix)
{
    std::string number = number_of(did);
    if (!international_prefix.empty() && number.starts_with(international_prefix))
        number.replace(0, international_prefix.size(), "+");
    return number;
}

} // namespace dialhook::dialplan
