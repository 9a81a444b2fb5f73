#pragma once

#include "call/call.hpp"
#include "dispatch/refused_requests.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace dialhook::engine {

/// JSON-RPC 2.0 error codes, and those of section "Errors" in docs/engine-protocol.md.
enum class RpcError : int
{
    parse_error = -32700,
    invalid_request = -32600,
    method_not_found = -32601,
    invalid_params = -32602,
    internal_error = -32603,
    unknown_webhook = -32001,
    no_dialplan = -32002,
    bad_state = -32003
};

/// Why a request gets an error instead of a decision.
struct RpcFault
{
    RpcError code;
    std::string message;                              ///< names the thing, what is wrong with it, and what is expected
    std::shared_ptr<const dispatch::Refused> about{}; ///< null: nothing of the request was read
};

/// What `call.route` asks for.
struct RouteParams
{
    Call call;
    std::optional<std::string> webhook; ///< without one, the dialplan of the DID
    bool explain = false;
};

/// What `call.continue` brings back.
struct ContinueParams
{
    std::string state;
    std::optional<std::string> code; ///< as the caller typed it; a secret
    bool timeout = false;            ///< no code came in time
};

using Asked = std::variant<RouteParams, ContinueParams, RpcFault>;

/// One request of an engine, read from its line.
struct Request
{
    std::string id; ///< JSON text as the engine wrote it; empty: a notification, which gets no answer
    Asked asks;
};

/// What one line holds.
struct Line
{
    static constexpr std::size_t max_bytes = 65536;
    static constexpr std::size_t max_batch = 256;

    /// The whole line is at fault: not JSON, an empty batch, one that is too long.
    std::optional<RpcFault> fault;
    bool is_batch = false;
    std::vector<Request> requests; ///< one unless it is a batch
};

/// Reads one line without its line end. Pure.
Line read_line(std::string_view text);

} // namespace dialhook::engine
