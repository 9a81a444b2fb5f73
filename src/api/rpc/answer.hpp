#pragma once

#include "api/rpc/request.hpp"

#include <string>
#include <string_view>

/// Answers as JSON text, appended to a buffer that is written out later: no tree is built. The text has no line end.
namespace dialhook::engine {

struct Turn;

void append_error(std::string& out, std::string_view id, const RpcFault& fault);

/// What comes next for a call: steps to run, a code to collect, or where it goes.
void append_answer(std::string& out, std::string_view id, const Turn& turn);

} // namespace dialhook::engine
