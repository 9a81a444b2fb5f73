#pragma once

#include "api/rpc/rpc_request.hpp"
#include "call/code.hpp"
#include "dispatch/dispatcher.hpp"

#include <boost/system/result.hpp>

#include <memory>
#include <string>

/// `try` of the control socket: dispatches a webhook for a made-up call and shows all exchanges, with secrets masked.
namespace dialhook::rpc {

/// Parameters of a dry run.
struct DryRun
{
    std::shared_ptr<const dispatch::Snapshot> snapshot;
    const dispatch::ResolvedWebhook* resolved; ///< in `snapshot`
    Call call;
    Code code; ///< empty unless the webhook has an `ivr`
};

/// Reads the parameters of a dry run: those of `call.route`, with `webhook`, and `code` for a webhook with an `ivr`.
/// Pure.
boost::system::result<DryRun, RequestFault> read_dry_run(const std::string& params,
                                                         std::shared_ptr<const dispatch::Snapshot> snapshot);

/// Returns the result as JSON: the `decision` as `call.route` gives it, and its `exchanges`, each a request and what
/// was received. docs/control-socket.md describes it.
std::string dry_run_json(const DryRun& dry_run, std::unique_ptr<dispatch::DispatchResult> dispatched);

} // namespace dialhook::rpc
