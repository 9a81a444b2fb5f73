#include "api/fastagi/script.hpp"

#include "base/percent.hpp"
#include "base/text.hpp"

#include <charconv>
#include <string_view>

namespace dialhook::fastagi {
namespace {

constexpr std::string_view webhook_prefix = "webhook/";

/// As much of `bytes` as a call may carry, in UTF-8.
std::string fitted(std::string_view bytes)
{
    return std::string(text::first_bytes(text::utf8_or_windows_1252(std::string(bytes)), CallText::max_bytes));
}

/// The value of `name` in the query string, if it is there. A `+` is a plus: numbers begin with it.
std::optional<std::string> in_query(std::string_view query, std::string_view name)
{
    while (!query.empty()) {
        const std::string_view piece = query.substr(0, query.find('&'));
        query.remove_prefix(std::min(piece.size() + 1, query.size()));
        const auto equals = piece.find('=');
        if (equals != std::string_view::npos && piece.substr(0, equals) == name)
            return percent::decoded(piece.substr(equals + 1), percent::Plus::stays);
    }
    return std::nullopt;
}

/// The parameters that are the call's own; all others are `vars`.
bool is_of_call(std::string_view name)
{
    return name == "did" || name == "callerid" || name == "callername" || name == "traceparent";
}

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

CallVars vars_of(std::string_view query, const AgiEnvironment& environment)
{
    CallVars vars;
    while (!query.empty()) {
        const std::string_view piece = query.substr(0, query.find('&'));
        query.remove_prefix(std::min(piece.size() + 1, query.size()));
        if (!is_of_call(piece.substr(0, piece.find('='))))
            take_var(piece, true, vars);
    }
    for (const std::string_view argument : environment.arguments())
        take_var(argument, false, vars);
    return vars;
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

/// Whether the user of From hides the number (RFC 3323); Asterisk takes it for a number that may be shown.
bool is_anonymous(std::string_view callerid)
{
    return text::equals_ignoring_case(callerid, "anonymous");
}

std::string_view first_known(std::string_view one, std::string_view other)
{
    return one.empty() ? other : one;
}

/// `path` is that of the address, and `did` what is known of the number.
Refused refused(std::string_view why, std::string_view path, std::string_view did, const AgiEnvironment& environment)
{
    Refused refused;
    refused.why = why;
    refused.named = Refused::Named::address;
    refused.name = Refused::cut(fitted(path));
    refused.did = Refused::cut(did);
    refused.call_id = Refused::cut(fitted(environment.value("agi_uniqueid")));
    return refused;
}

} // namespace

boost::system::result<Script, Refused> read_script(const AgiEnvironment& environment)
{
    std::string_view path = environment.value("agi_network_script");
    const auto question_mark = path.find('?');
    const std::string_view query = question_mark == std::string_view::npos ? "" : path.substr(question_mark + 1);
    path = path.substr(0, question_mark);
    if (path.starts_with('/'))
        path.remove_prefix(1);

    const std::string_view dialled = first_known(environment.value("agi_dnid"), environment.value("agi_extension"));
    const auto text = [&](std::string_view name, std::string_view otherwise) {
        return fitted(in_query(query, name).value_or(std::string(otherwise)));
    };
    auto did = Did::from(text("did", dialled));
    if (!did)
        return refused("the channel has no number that was called; add ?did=${EXTEN} to the agi:// address", path, {},
                       environment);

    const std::string callerid = text("callerid", environment.value("agi_callerid"));
    const std::string name = without_sip_escapes(environment.value("agi_calleridname"), environment.value("agi_type"));
    Script script{.call = {.did = *std::move(did),
                           .callerid = *CallText::from(callerid),
                           .callername = *CallerName::from(text("callername", name)),
                           .call_id = *CallText::from(fitted(environment.value("agi_uniqueid"))),
                           .presentation = is_anonymous(callerid)
                                               ? Presentation::prohibited
                                               : presentation_of(environment.value("agi_callingpres")),
                           .trace = Trace::from(in_query(query, "traceparent").value_or("")).value_or(Trace()),
                           .vars = vars_of(query, environment)},
                  .channel = std::string(environment.value("agi_channel")),
                  .webhook = {}};
    if (path == "dialplan")
        return script;
    if (!path.starts_with(webhook_prefix))
        return refused("the agi:// address must end in /webhook/NAME or /dialplan", path, script.call.did.view(),
                       environment);
    script.webhook =
        text::utf8_or_windows_1252(percent::decoded(path.substr(webhook_prefix.size()), percent::Plus::stays));
    return script;
}

} // namespace dialhook::fastagi
