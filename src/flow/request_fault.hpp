#pragma once

#include "call/call.hpp"
#include "call/rpc_error.hpp"
#include "dispatch/refused_requests.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace dialhook::flow {

/// Why a request gets an error instead of an action.
struct RequestFault
{
    RpcError code;
    std::string message;                              ///< names the thing, what is wrong with it, and what is expected
    std::shared_ptr<const dispatch::Refused> about{}; ///< null: nothing of the request was read
    std::string_view remedy{};                        ///< end of the message for who can ask for something else
};

RequestFault invalid_params(std::string_view why);
RequestFault bad_state(std::string_view why);

/// `said` stands before the name in the message.
RequestFault unknown_webhook(const Call& call, std::string_view name, std::string_view said);
RequestFault no_dialplan(const Call& call, std::string_view number, std::string_view said,
                         std::string_view remedy = {});

/// Returns `fault` with the call and the webhook that it is about, if it does not name them yet.
RequestFault with_call(RequestFault fault, const Call& call, std::string_view webhook);

} // namespace dialhook::flow
