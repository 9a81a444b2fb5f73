#include "nats/error_kind.hpp"

#include "base/ascii.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace dialhook::nats {
namespace {

struct Wording
{
    std::string_view beginning; ///< in small letters
    ErrorKind kind;
};

constexpr std::array wordings{
    Wording{"authorization violation", ErrorKind::login},
    Wording{"authorization timeout", ErrorKind::login},
    Wording{"authentication timeout", ErrorKind::login},
    Wording{"authentication expired", ErrorKind::login},
    Wording{"authentication revoked", ErrorKind::login},
    Wording{"user authentication", ErrorKind::login},
    Wording{"account authentication", ErrorKind::login},
    Wording{"permissions violation for publish", ErrorKind::may_not_publish},
    Wording{"permissions violation for subscription", ErrorKind::may_not_listen},
};

} // namespace

ErrorKind error_kind(std::string_view text)
{
    const std::string lowered = ascii::lowered(text);
    const auto* const found = std::find_if(wordings.begin(), wordings.end(), [&lowered](const Wording& wording) {
        return lowered.starts_with(wording.beginning);
    });
    return found == wordings.end() ? ErrorKind::other : found->kind;
}

std::string_view forbidden_subject(std::string_view text)
{
    constexpr std::string_view beginning = "permissions violation for publish to \"";
    if (text.size() <= beginning.size() || !ascii::lowered(text).starts_with(beginning) || !text.ends_with('"'))
        return {};
    text.remove_prefix(beginning.size());
    text.remove_suffix(1);
    return text;
}

} // namespace dialhook::nats
