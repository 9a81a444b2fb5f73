#pragma once

#include "api/fastagi/environment.hpp"
#include "call/call.hpp"
#include "dispatch/refused_requests.hpp"

#include <boost/system/result.hpp>

#include <optional>
#include <string>

namespace dialhook::fastagi {

using dispatch::Refused;

/// What a channel asks for with `AGI(agi://HOST/…)`.
struct Script
{
    Call call;
    std::string channel = {};           ///< its name, such as `PJSIP/trunk-00000001`
    std::optional<std::string> webhook; ///< `webhook/NAME`; none: `dialplan`, that of the DID is followed
};

/// Reads what the channel asks for. Of what is refused `code` is not set, and `why` is a sentence for the author of
/// Asterisk's dialplan.
///
/// Texts may hold any bytes: what is not UTF-8 is read as Windows-1252, and what is too long is cut; a call is never
/// refused for them.
boost::system::result<Script, Refused> read_script(const AgiEnvironment& environment);

} // namespace dialhook::fastagi
