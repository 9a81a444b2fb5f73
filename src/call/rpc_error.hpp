#pragma once

#include "dialhook/protocol.h"

#include <array>

namespace dialhook {

/// The error codes of JSON-RPC 2.0 and of Dialhook, on the engines' socket and on that of dialhookctl. A request that
/// FastAGI refuses is counted under the code that an engine would have got.
enum class RpcError : int
{
    parse_error = DIALHOOK_PARSE_ERROR,
    invalid_request = DIALHOOK_INVALID_REQUEST,
    method_not_found = DIALHOOK_METHOD_NOT_FOUND,
    invalid_params = DIALHOOK_INVALID_PARAMS,
    internal_error = DIALHOOK_INTERNAL_ERROR,
    unknown_webhook = DIALHOOK_UNKNOWN_WEBHOOK,
    no_dialplan = DIALHOOK_NO_DIALPLAN,
    bad_state = DIALHOOK_BAD_STATE,
    cancelled = DIALHOOK_CANCELLED,   ///< the engine ended the call: no fault, so it is not counted as one
    not_stored = DIALHOOK_NOT_STORED, ///< an event: the disk did not take it
    no_configuration = DIALHOOK_NO_CONFIGURATION,
    stopping = DIALHOOK_STOPPING,  ///< the daemon takes no more calls; no fault either
    refused_configuration = -32010 ///< on the control socket alone
};

constexpr int number_of(RpcError error)
{
    return static_cast<int>(error);
}

/// The faults that a running daemon answers an engine with.
inline constexpr std::array<RpcError, 9> engine_errors{
    RpcError::parse_error,    RpcError::invalid_request, RpcError::method_not_found,
    RpcError::invalid_params, RpcError::internal_error,  RpcError::unknown_webhook,
    RpcError::no_dialplan,    RpcError::bad_state,       RpcError::not_stored};

} // namespace dialhook
