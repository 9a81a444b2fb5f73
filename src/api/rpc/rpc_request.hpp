#pragma once

#include "dialhook/protocol.h"
#include "events/event.hpp"
#include "flow/request.hpp"
#include "flow/request_fault.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace dialhook::rpc {

using flow::ContinueRequest;
using flow::RequestFault;
using flow::RouteRequest;

/// Never null; in memory of its own, so that no call is larger for it.
using EventReport = std::unique_ptr<events::Report>;

/// The engine wants no answer to a call under way any more.
struct CancelRequest
{
    std::string id; ///< of that call: JSON text as the engine wrote it, never empty
};

/// Of `call.route`, `call.continue`, `call.event`, `call.cancel`, or why it is none of them.
using Asked = std::variant<RouteRequest, ContinueRequest, EventReport, CancelRequest, RequestFault>;

/// One request of an engine, read from its line.
struct RpcRequest
{
    std::string id; ///< JSON text as the engine wrote it; empty: a notification, which gets no answer
    Asked asks;
};

/// The content of one line.
struct Line
{
    static constexpr std::size_t max_bytes = DIALHOOK_MAX_LINE;
    static constexpr std::size_t max_batch = DIALHOOK_MAX_BATCH;

    /// Fault of the whole line: not JSON, or an empty or too long batch.
    std::optional<RequestFault> fault;
    bool is_batch = false;
    std::vector<RpcRequest> requests; ///< one unless it is a batch
};

/// The methods that a door may say in another way than by their name.
enum class RpcMethod : unsigned char
{
    route,
    go_on,
    event
};

/// Reads the `params` of one request, which came without the rest of it. Pure.
Asked read_params(RpcMethod method, std::string_view text);

/// Reads one line without its line end. Pure.
Line read_line(std::string_view text);

} // namespace dialhook::rpc
