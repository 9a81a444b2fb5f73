#pragma once

#include "call/call.hpp"
#include "call/numbers.hpp"

#include <string>
#include <string_view>

namespace dialhook::dispatch {

/// One call for which a webhook is dispatched.
struct Dispatch
{
    const Call& call;
    std::string_view code = {};     ///< what the caller entered; a secret
    bool explain = false;           ///< the result has a report of each attempt
    bool needs_destination = false; ///< the dialplan dials the reply's destination: an ACK without one is a `bad_reply`
    bool transcribe = false;        ///< the reports hold all bytes sent and received, with secrets; needs `explain`
    const std::string* parcel_id = nullptr; ///< of a request that no call waits for, the `webhook-id` of all its tries
    const Numbers* numbers = nullptr; ///< of the configuration, set by the dispatcher; null: numbers stay as they are

    /// Returns whether the reply is read. Else any 2xx will do.
    bool wants_reply() const { return parcel_id == nullptr; }
};

} // namespace dialhook::dispatch
