#pragma once

#include "call/call.hpp"
#include "call/decision.hpp"
#include "dialplan/step.hpp"

#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace dialhook::dialplan {

/// Show this name from here on.
struct ShowCallerName
{
    std::string name;
};
/// Ring this destination.
struct DialDestination
{
    std::string destination;
};
/// A step that nothing is left to be worked out of. No text in it holds a control character.
using ResolvedStep = std::variant<ShowCallerName, DialDestination, DialGroup, const EngineStep*>;

/// Steps as an engine runs them, and the name that is in force after the last one.
struct Resolved
{
    std::vector<ResolvedStep> steps;
    std::string callername; ///< at most `CallerName::max_bytes`; what is longer is cut at a code point
};

/// Works out `steps`. `callername` (UTF-8) is in force before them. `decision` is that of the webhook, null before
/// it. `steps` outlive the result.
Resolved resolve(const Steps& steps, std::string_view callername, const Decision* decision);

/// Returns the name that a telephone may be shown when the webhook after `steps` is done, before its branch. That of
/// `call` is what its web server got, the steps' work included; of a private call only what the steps gave
/// remains.
std::string name_before_branch(const Steps& steps, const Call& call);

} // namespace dialhook::dialplan
