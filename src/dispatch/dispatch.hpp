#pragma once

#include "call/call.hpp"
#include "call/numbers.hpp"

#include <string_view>

namespace dialhook::dispatch {

/// What a webhook is fired for.
struct Dispatch
{
    const Call& call;
    std::string_view code = {};     ///< what the caller entered; a secret
    bool explain = false;           ///< the attempts are told of
    bool needs_destination = false; ///< the dialplan dials the reply's destination: an ACK without one is a `bad_reply`
    bool transcribe = false;        ///< with what was sent and received, secrets and all; only together with `explain`
    const Numbers* numbers = nullptr; ///< of the configuration, set by the dispatcher; null: numbers stay as they are
};

} // namespace dialhook::dispatch
