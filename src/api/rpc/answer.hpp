#pragma once

#include "api/rpc/rpc_request.hpp"
#include "flow/call_flow.hpp"

#include <string>
#include <string_view>

/// Answers as JSON text, appended to a buffer that is written out later: no tree is built. The text has no line end.
namespace dialhook::rpc {

void append_error(std::string& out, std::string_view id, const RequestFault& fault);

/// Appends the error alone, `{"code":…,"message":…}`.
void append_error_object(std::string& out, const RequestFault& fault);

/// Appends what comes next for a call: steps to run, a code to collect, or where it goes.
void append_answer(std::string& out, std::string_view id, const flow::CallFlow& flow);

/// Appends the `result` of that alone.
void append_result(std::string& out, const flow::CallFlow& flow);

/// Appends whether there was a call to cancel.
void append_cancelled(std::string& out, std::string_view id, bool is_cancelled);

/// Appends that an event is on disk.
void append_stored(std::string& out, std::string_view id);

} // namespace dialhook::rpc
