#include "call/destination.hpp"

#include "base/ascii.hpp"
#include "base/host_name.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <charconv>

namespace dialhook {
namespace {

constexpr std::size_t max_sip_uri = 256;
constexpr std::size_t max_pattern = 256;

using ascii::is_alphanumeric;
using ascii::is_digit;

bool is_sip_user_byte(char byte)
{
    return is_alphanumeric(byte) || std::string_view("._+~*#-").find(byte) != std::string_view::npos;
}

bool all(std::string_view text, bool (*is_allowed)(char))
{
    return !text.empty() && std::all_of(text.begin(), text.end(), is_allowed);
}

bool is_port(std::string_view text)
{
    unsigned port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    return all(text, is_digit) && error == std::errc{} && port > 0 && port <= 65535 && text.size() <= 5;
}

/// IPv6 in brackets, by its alphabet: whether it can be reached is the PBX's affair, that it cannot inject is ours.
bool is_bracketed_address(std::string_view host)
{
    return host.size() >= 4 && host.size() <= 41 && host.starts_with('[') && host.ends_with(']') &&
           all(host.substr(1, host.size() - 2), [](char b) { return text::hex_value(b) >= 0 || b == ':' || b == '.'; });
}

bool is_host_and_port(std::string_view text)
{
    const std::size_t host_end = text.starts_with('[') ? text.find(']') : text.find(':');
    if (text.starts_with('[')) {
        if (host_end == std::string_view::npos || !is_bracketed_address(text.substr(0, host_end + 1)))
            return false;
        const std::string_view rest = text.substr(host_end + 1);
        return rest.empty() || (rest.starts_with(':') && is_port(rest.substr(1)));
    }
    if (!is_host_name(text.substr(0, host_end), HostNames::strict))
        return false;
    return host_end == std::string_view::npos || is_port(text.substr(host_end + 1));
}

/// Returns the length of `sip:` or `sips:` at the start of `text` in any case, or 0.
std::size_t sip_scheme_length(std::string_view text)
{
    for (const std::string_view scheme : {"sip:", "sips:"})
        if (text::equals_ignoring_case(text.substr(0, scheme.size()), scheme))
            return scheme.size();
    return 0;
}

bool is_sip_host_byte(char byte)
{
    return is_alphanumeric(byte) || std::string_view(".-:[]").find(byte) != std::string_view::npos;
}

/// Returns why `address`, a SIP URI without its scheme, is none; nullopt when it is one.
std::optional<RefusedDestination> fault_of_sip_address(std::string_view address)
{
    using Why = RefusedDestination::Why;
    const std::size_t at = std::min(address.find('@'), address.size());
    for (std::size_t index = 0; index < address.size(); ++index)
        if (index != at && !(index < at ? is_sip_user_byte(address[index]) : is_sip_host_byte(address[index])))
            return RefusedDestination{Why::character, text::code_point_at(address, index)};
    if (at == 0 || at == address.size() || !is_host_and_port(address.substr(at + 1)))
        return RefusedDestination{};
    return std::nullopt;
}

/// Matches `*` (any run of what `may_stand` allows) and `?` (one digit), in time proportional to both lengths.
bool matches_glob(std::string_view pattern, std::string_view subject, bool (*may_stand)(char))
{
    std::size_t p = 0;
    std::size_t s = 0;
    std::size_t star = std::string_view::npos;
    std::size_t resume_at = 0;
    while (s < subject.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            resume_at = s;
        } else if (p < pattern.size() && (pattern[p] == subject[s] || (pattern[p] == '?' && is_digit(subject[s])))) {
            ++p;
            ++s;
        } else if (star != std::string_view::npos && may_stand(subject[resume_at])) {
            p = star + 1;
            s = ++resume_at;
        } else {
            return false;
        }
    }
    return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

/// A pattern without wildcards is a number, and the start of others is the start of numbers.
std::string pattern_in_e164(std::string_view pattern, const Numbers& numbers)
{
    const std::size_t wildcard = pattern.find_first_of("*?");
    if (wildcard == std::string_view::npos)
        return numbers.key(pattern);
    return numbers.key_of_start(pattern.substr(0, wildcard)) + std::string(pattern.substr(wildcard));
}

} // namespace

boost::system::result<Destination, RefusedDestination> Destination::from(std::string_view text,
                                                                         std::string_view international_prefix)
{
    if (const std::size_t scheme = sip_scheme_length(text); scheme != 0) {
        if (!text::is_utf8(text))
            return RefusedDestination{};
        if (text.size() > max_sip_uri)
            return RefusedDestination{RefusedDestination::Why::too_long};
        const std::string_view address = text.substr(scheme);
        if (const auto fault = fault_of_sip_address(address))
            return *fault;
        return Destination((scheme == 5 ? "sips:" : "sip:") + std::string(address));
    }
    auto number = read_number(text, international_prefix);
    if (!number)
        return number.error();
    return Destination(*std::move(number));
}

std::optional<DestinationPattern> DestinationPattern::from(std::string_view text, const Numbers& numbers)
{
    const bool is_sip = text.starts_with("sip:");
    const auto may_stand = [](char byte) {
        return is_digit(byte) || std::string_view("+*?#").find(byte) != std::string_view::npos;
    };
    const auto may_stand_in_sip = [](char byte) {
        return is_sip_user_byte(byte) || std::string_view("@:?[]").find(byte) != std::string_view::npos;
    };
    const bool well_formed =
        text.size() <= max_pattern && (is_sip ? all(text.substr(4), may_stand_in_sip) : all(text, may_stand));
    if (!well_formed)
        return std::nullopt;
    std::string in_e164;
    if (!is_sip && !numbers.is_empty())
        in_e164 = pattern_in_e164(text, numbers);
    return DestinationPattern(std::string(text), in_e164 == text ? std::string() : std::move(in_e164));
}

bool DestinationPattern::matches(const Destination& destination, std::string_view key, std::string_view national) const
{
    if (!text_.starts_with("sip:")) {
        const auto covers = [](std::string_view pattern, std::string_view number) {
            return matches_glob(pattern, number, is_digit);
        };
        const bool begins_with_any = text_.front() == '*' || text_.front() == '?';
        return !destination.is_sip() && (covers(text_, key) || (!in_e164_.empty() && covers(in_e164_, key)) ||
                                         (begins_with_any && covers(text_, national)) ||
                                         // any number, a foreign one with an international prefix too
                                         (text_ == "*" && covers(text_, destination.str())));
    }
    if (!destination.is_sip())
        return false;
    const std::string_view uri = destination.str();
    const std::string_view address = uri.substr(uri.find(':') + 1);
    return matches_glob(std::string_view(text_).substr(4), address, [](char) { return true; });
}

bool allows(const DestinationPatterns& patterns, const Destination& destination, const Numbers& numbers)
{
    if (patterns.empty())
        return true;
    const bool is_as_written = destination.is_sip() || numbers.is_empty();
    const std::string key = is_as_written ? destination.str() : numbers.key(destination.str());
    const std::string national = is_as_written ? key : numbers.in_form(key, NumberForm::national);
    return std::any_of(patterns.begin(), patterns.end(),
                       [&](const DestinationPattern& pattern) { return pattern.matches(destination, key, national); });
}

} // namespace dialhook
