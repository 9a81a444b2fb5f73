#pragma once

#include <dialhook/dispatch/dispatcher.hpp>
#include <dialhook/engine/request.hpp>

#include <string>
#include <string_view>

/// Answers as JSON text, appended to a buffer that is written out later: no tree is built. The text has no line end.
namespace dialhook::engine {

void append_error(std::string& out, std::string_view id, const RpcFault& fault);

/// The decision of `fired` as the result of `call.route`.
void append_decision(std::string& out, std::string_view id, const RouteParams& route, const Webhook& webhook,
                     const dispatch::Fired& fired);

} // namespace dialhook::engine
