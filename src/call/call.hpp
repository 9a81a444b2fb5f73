#pragma once

#include "base/bounded_text.hpp"
#include "call/call_vars.hpp"
#include "call/presentation.hpp"
#include "call/trace.hpp"

namespace dialhook {

/// One inbound call as the PBX described it.
struct Call
{
    Did did;               ///< number that was called
    CallText callerid;     ///< number that calls; empty when withheld; any text, `anonymous` or a SIP user too
    CallerName callername; ///< display name of the caller, in a dialplan the one in force; empty when there is none
    CallText call_id;      ///< the PBX's own name for the call; for logs and `{call_id}`
    Presentation presentation = Presentation::allowed;
    Trace trace = {};   ///< that the PBX began; unknown when it did not
    CallVars vars = {}; ///< what else the PBX sent along, as far as the configuration declares it

    /// Returns the caller's own name as far as a telephone may show it: none of a call that came in as private.
    std::string_view name_to_show() const
    {
        return presentation == Presentation::allowed ? callername.view() : std::string_view();
    }
};

} // namespace dialhook
