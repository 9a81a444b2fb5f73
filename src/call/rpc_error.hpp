#pragma once

#include <array>

namespace dialhook {

/// The error codes of JSON-RPC 2.0 and of Dialhook, on the engines' socket and on that of dialhookctl. A request that
/// FastAGI refuses is counted under the code that an engine would have got.
enum class RpcError : int
{
    parse_error = -32700,
    invalid_request = -32600,
    method_not_found = -32601,
    invalid_params = -32602,
    internal_error = -32603,
    unknown_webhook = -32001,
    no_dialplan = -32002,
    bad_state = -32003,
    no_configuration = -32008,
    refused_configuration = -32010 ///< on the control socket alone
};

constexpr int number_of(RpcError error)
{
    return static_cast<int>(error);
}

/// Those that a running daemon answers an engine with.
inline constexpr std::array<RpcError, 8> engine_errors{
    RpcError::parse_error,    RpcError::invalid_request, RpcError::method_not_found, RpcError::invalid_params,
    RpcError::internal_error, RpcError::unknown_webhook, RpcError::no_dialplan,      RpcError::bad_state};

} // namespace dialhook
