#include "api/fastagi/script_parts.hpp"

#include "base/percent.hpp"
#include "base/text.hpp"

#include <charconv>

namespace dialhook::fastagi {
namespace {

std::string var_value(std::string_view bytes)
{
    return std::string(text::first_bytes(text::utf8_or_windows_1252(std::string(bytes)), max_var_value));
}

/// Adds what is `name=value`. The first one of a name stays: what a caller wrote may bring in more, but only after it.
void take_var(std::string_view written, bool is_encoded, CallVars& vars)
{
    const auto equals = written.find('=');
    const std::string_view name = written.substr(0, equals);
    if (equals == std::string_view::npos || !is_var_name(name))
        return;
    const std::string_view value = written.substr(equals + 1);
    add_var(vars, name, var_value(is_encoded ? percent::decoded(value, percent::Plus::stays) : std::string(value)));
}

/// Bits 5 and 6 are the presentation of Q.931: 1 is restricted; 2, unavailable, has no number that could be shown.
Presentation presentation_of(std::string_view callingpres)
{
    unsigned value = 0;
    const auto* const end = callingpres.data() + callingpres.size();
    const auto result = std::from_chars(callingpres.data(), end, value);
    const bool is_number = result.ec == std::errc() && result.ptr == end;
    return is_number && (value & 0x60U) == 0x20U ? Presentation::prohibited : Presentation::allowed;
}

/// A SIP channel keeps the backslashes of a quoted display name (RFC 3261, 25.1); other channels have none.
std::string without_sip_escapes(std::string_view name, std::string_view channel_type)
{
    const bool is_sip = channel_type == "PJSIP" || channel_type == "SIP";
    std::string text;
    for (std::size_t at = 0; at < name.size(); ++at) {
        const bool is_escape =
            name[at] == '\\' && at + 1 < name.size() && (name[at + 1] == '"' || name[at + 1] == '\\');
        if (is_sip && is_escape)
            ++at;
        text += name[at];
    }
    return text;
}

/// Returns whether the user of From hides the number (RFC 3323); Asterisk takes it for a number that may be shown.
bool is_anonymous(std::string_view callerid)
{
    return text::equals_ignoring_case(callerid, "anonymous");
}

} // namespace

Address Address::of(const AgiEnvironment& environment)
{
    std::string_view path = environment.value("agi_network_script");
    const auto question_mark = path.find('?');
    const std::string_view query = question_mark == std::string_view::npos ? "" : path.substr(question_mark + 1);
    path = path.substr(0, question_mark);
    if (path.starts_with('/'))
        path.remove_prefix(1);
    return {path, query};
}

std::optional<std::string> Address::value(std::string_view name) const
{
    std::optional<std::string> found;
    for_each([&](std::string_view piece) {
        const auto equals = piece.find('=');
        if (!found && equals != std::string_view::npos && piece.substr(0, equals) == name)
            found = percent::decoded(piece.substr(equals + 1), percent::Plus::stays);
    });
    return found;
}

std::string decoded(std::string_view written)
{
    return fitted(percent::decoded(written, percent::Plus::stays));
}

std::string fitted(std::string_view bytes)
{
    return std::string(text::first_bytes(text::utf8_or_windows_1252(std::string(bytes)), CallText::max_bytes));
}

Caller caller_of(const Address& address, const AgiEnvironment& environment)
{
    const auto text = [&address](std::string_view name, std::string_view otherwise) {
        return fitted(address.value(name).value_or(std::string(otherwise)));
    };
    Caller caller;
    caller.number = text("callerid", environment.value("agi_callerid"));
    caller.name =
        text("callername", without_sip_escapes(environment.value("agi_calleridname"), environment.value("agi_type")));
    caller.presentation =
        is_anonymous(caller.number) ? Presentation::prohibited : presentation_of(environment.value("agi_callingpres"));
    return caller;
}

CallVars vars_of(const Address& address, const AgiEnvironment& environment, bool (*is_own)(std::string_view name))
{
    CallVars vars;
    address.for_each([&](std::string_view piece) {
        if (!is_own(piece.substr(0, piece.find('='))))
            take_var(piece, true, vars);
    });
    for (const std::string_view argument : environment.arguments())
        take_var(argument, false, vars);
    return vars;
}

Refused refused(std::string_view why, const Address& address, std::string_view did, const AgiEnvironment& environment)
{
    Refused refused;
    refused.why = why;
    refused.named = Refused::Named::address;
    refused.name = Refused::cut(fitted(address.path));
    refused.did = Refused::cut(did);
    refused.call_id = Refused::cut(fitted(environment.value("agi_uniqueid")));
    return refused;
}

} // namespace dialhook::fastagi
