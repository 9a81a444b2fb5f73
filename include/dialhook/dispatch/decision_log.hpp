#pragma once

#include <dialhook/config/configuration.hpp>
#include <dialhook/dispatch/dispatcher.hpp>
#include <dialhook/log/log.hpp>

namespace dialhook::dispatch {

/// Logs one line for a decision, as far as `server.log.decisions` wants it; `server.redact` masks numbers and names.
/// URLs, headers, bodies and codes are in no line.
void log_decision(log::Log& log, const config::ServerSettings& settings, const Call& call, const Webhook& webhook,
                  const Fired& fired);

} // namespace dialhook::dispatch
