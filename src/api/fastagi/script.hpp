#pragma once

#include "api/fastagi/environment.hpp"
#include "api/fastagi/script_parts.hpp"
#include "call/call.hpp"

#include <boost/system/result.hpp>

#include <optional>
#include <string>

namespace dialhook::fastagi {

/// What a channel asks for with `AGI(agi://HOST/…)`.
struct Script
{
    Call call;
    std::string channel = {};           ///< its name, such as `PJSIP/trunk-00000001`
    std::optional<std::string> webhook; ///< `webhook/NAME`; none: `dialplan`, that of the DID is followed
};

/// Reads what the channel asks for. Of what is refused `code` is not set, and `why` is a sentence for the author of
/// Asterisk's dialplan. A call is never refused for the bytes of its texts.
boost::system::result<Script, Refused> read_script(const AgiEnvironment& environment);

} // namespace dialhook::fastagi
