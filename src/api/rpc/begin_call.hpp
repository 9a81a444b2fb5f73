#pragma once

#include "api/rpc/rpc_request.hpp"
#include "api/worker_services.hpp"
#include "flow/call_flow.hpp"

namespace dialhook::rpc {

/// Begins, or goes on with, the call that `asks` is about, which is one or the fault of a request.
flow::CallFlow::Begun begin_call(Asked& asks, const api::WorkerServices& services);

} // namespace dialhook::rpc
