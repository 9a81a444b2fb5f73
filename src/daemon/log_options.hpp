#pragma once

#include "config/configuration.hpp"
#include "log/log.hpp"

namespace dialhook::daemon {

/// Returns what `server.log` comes to in this process, whose standard error may be the journal's.
log::Log::Options log_options(const config::LogSettings& settings);

} // namespace dialhook::daemon
