#include "api/fastagi/event_script.hpp"

#include "api/event_params.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace dialhook::fastagi {
namespace {

constexpr std::string_view event_prefix = "event/";

/// Adds the telephones that `text` names as `Dial()` takes them: `101&102`. Commas part them as well.
void add_targets(std::string_view text, std::vector<std::string>& targets)
{
    while (!text.empty()) {
        const std::string_view one = text.substr(0, text.find_first_of("&,"));
        text.remove_prefix(std::min(one.size() + 1, text.size()));
        targets.emplace_back(one);
    }
}

void take_query(const Address& address, api::EventParams& params)
{
    address.for_each([&params](std::string_view piece) {
        const auto equals = piece.find('=');
        if (equals == std::string_view::npos)
            return;
        const std::string_view name = piece.substr(0, equals);
        std::string* const text = params.named(name);
        if (name == "targets")
            add_targets(decoded(piece.substr(equals + 1)), params.targets);
        else if (text != nullptr && text->empty()) // the first that is not empty counts
            *text = decoded(piece.substr(equals + 1));
    });
}

/// Only where an event says `created` the dialplan's extension is the number that was called; in a subroutine or a
/// hang-up handler it is `s` or `h`.
std::string_view called_number(const AgiEnvironment& environment, bool is_created)
{
    const std::string_view dnid = environment.value("agi_dnid");
    return dnid.empty() && is_created ? environment.value("agi_extension") : dnid;
}

/// What the query says of the caller stands here as well, in place of what the channel has.
events::Facts shown_by(const AgiEnvironment& environment, const Address& address, bool is_created)
{
    const Caller caller = caller_of(address, environment);
    events::Facts shown;
    shown.did = *CallText::from(fitted(called_number(environment, is_created)));
    shown.callerid = *CallText::from(caller.number);
    shown.callername = *CallerName::from(caller.name);
    shown.presentation = caller.presentation;
    return shown;
}

} // namespace

bool says_event(const AgiEnvironment& environment)
{
    return Address::of(environment).path.starts_with(event_prefix);
}

boost::system::result<events::Report, Refused> read_event_script(const AgiEnvironment& environment)
{
    const Address address = Address::of(environment);
    const std::string own_call_id = fitted(environment.value("agi_uniqueid"));
    api::EventParams params;
    take_query(address, params);
    params.event = decoded(address.path.substr(event_prefix.size()));
    if (params.call_id.empty())
        params.call_id = own_call_id;
    events::Facts shown;
    if (params.call_id == own_call_id)
        shown = shown_by(environment, address, params.event == "created");
    params.vars = vars_of(address, environment, api::EventParams::has);
    auto report = api::report_of(params);
    if (report) {
        report->shown = std::move(shown);
        return *std::move(report);
    }
    const std::string_view did = params.did.empty() ? shown.did.view() : params.did;
    Refused about = refused(report.error(), address, did, environment);
    about.call_id = Refused::cut(params.call_id);
    return about;
}

} // namespace dialhook::fastagi
