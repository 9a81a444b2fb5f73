#include "api/fastagi/script.hpp"

#include "base/percent.hpp"
#include "base/text.hpp"

#include <string_view>

namespace dialhook::fastagi {
namespace {

constexpr std::string_view webhook_prefix = "webhook/";

/// Returns whether the parameter is the call's own; all others are `vars`.
bool is_of_call(std::string_view name)
{
    return name == "did" || name == "callerid" || name == "callername" || name == "traceparent";
}

std::string_view first_known(std::string_view one, std::string_view other)
{
    return one.empty() ? other : one;
}

/// In the query, too, `unknown` is no value.
std::string dialled_number(const Address& address, const AgiEnvironment& environment)
{
    auto said = address.value("did");
    if (said && *said != "unknown")
        return *std::move(said);
    return std::string(first_known(environment.value("agi_dnid"), environment.value("agi_extension")));
}

} // namespace

boost::system::result<Script, Refused> read_script(const AgiEnvironment& environment)
{
    const Address address = Address::of(environment);
    auto did = Did::from(fitted(dialled_number(address, environment)));
    if (!did)
        return refused("the channel has no number that was called; add ?did=${EXTEN} to the agi:// address", address,
                       {}, environment);

    const Caller caller = caller_of(address, environment);
    Script script{.call = {.did = *std::move(did),
                           .callerid = *CallText::from(caller.number),
                           .callername = *CallerName::from(caller.name),
                           .call_id = *CallText::from(fitted(environment.value("agi_uniqueid"))),
                           .presentation = caller.presentation,
                           .trace = Trace::from(address.value("traceparent").value_or("")).value_or(Trace()),
                           .vars = vars_of(address, environment, is_of_call)},
                  .channel = std::string(environment.value("agi_channel")),
                  .webhook = {}};
    if (address.path == "dialplan")
        return script;
    if (!address.path.starts_with(webhook_prefix))
        return refused("the agi:// address must end in /webhook/NAME, /dialplan or /event/NAME", address,
                       script.call.did.view(), environment);
    script.webhook =
        text::utf8_or_windows_1252(percent::decoded(address.path.substr(webhook_prefix.size()), percent::Plus::stays));
    return script;
}

} // namespace dialhook::fastagi
