#pragma once

#include <dialhook/config/configuration.hpp>
#include <dialhook/dispatch/dispatcher.hpp>
#include <dialhook/log/log.hpp>

#include <string_view>

namespace dialhook::dispatch {

/// What one line tells of a call that was routed.
struct RoutedCall
{
    const Call& call;
    std::string_view dialplan;   ///< key of the dialplan; empty: a webhook alone was asked for
    std::string_view webhook;    ///< empty: the dialplan has none
    std::string_view callername; ///< that the recipient of the call sees
    const Fired* fired;          ///< null: the dialplan has no webhook
};

/// Logs one line for a decision, as far as `server.log.decisions` wants it; `server.redact` masks numbers and names.
/// URLs, headers, bodies and codes are in no line.
void log_decision(log::Log& log, const config::ServerSettings& settings, const RoutedCall& routed);

} // namespace dialhook::dispatch
