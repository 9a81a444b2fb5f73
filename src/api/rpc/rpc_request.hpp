#pragma once

#include "dialhook/protocol.h"
#include "flow/fault.hpp"
#include "flow/request.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace dialhook::rpc {

using flow::ContinueRequest;
using flow::Fault;
using flow::RouteRequest;

/// Of `call.route`, `call.continue`, or why it is neither.
using Asked = std::variant<RouteRequest, ContinueRequest, Fault>;

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
    std::optional<Fault> fault;
    bool is_batch = false;
    std::vector<RpcRequest> requests; ///< one unless it is a batch
};

/// Reads one line without its line end. Pure.
Line read_line(std::string_view text);

} // namespace dialhook::rpc
