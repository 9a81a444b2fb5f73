#pragma once

#include "api/rpc/rpc_request.hpp"

#include <string_view>

namespace dialhook::rpc {

/// Reads the parameters of `call.event` as they stand in a line that was found to be JSON; empty: there are none.
/// Returns the report or the fault to answer. Pure.
Asked read_event(std::string_view params);

} // namespace dialhook::rpc
