#pragma once

#include "call/call_vars.hpp"
#include "events/event.hpp"

#include <boost/system/result.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace dialhook::api {

/// What an engine says of an event, as it wrote it, whatever door it came in by: UTF-8. An empty text is not said.
struct EventParams
{
    std::string call_id;
    std::string event;
    std::string at;
    std::string direction;
    std::string did;
    std::string callerid;
    std::string callername;
    std::string presentation;
    std::string answered_by;
    std::string transferred_by;
    std::string transfer;
    std::string reason;
    std::vector<std::string> targets;
    CallVars vars;

    /// Returns the parameter of this name that is one text; null if there is none.
    std::string* named(std::string_view name);

    static bool has(std::string_view name); ///< whether there is a parameter of this name
};

/// Reads them. Of texts about people what is too long is cut at a character, and of `targets` the first ones count: no
/// event is lost for them. Otherwise the fault is a sentence that names the parameter and what it must be. Pure.
boost::system::result<events::Report, std::string> report_of(const EventParams& params);

} // namespace dialhook::api
