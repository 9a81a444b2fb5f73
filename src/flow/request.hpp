#pragma once

#include "call/call.hpp"

#include <optional>
#include <string>

namespace dialhook::flow {

/// A call comes in.
struct RouteRequest
{
    Call call;
    std::optional<std::string> webhook; ///< without one, the dialplan of the DID
    bool explain = false;
};

/// A door that kept nothing of a call brings back its `state`, and what has happened on the call since.
struct ContinueRequest
{
    std::string state;
    std::optional<std::string> code; ///< as the caller typed it; a secret
    bool timeout = false;            ///< no code came in time
};

} // namespace dialhook::flow
