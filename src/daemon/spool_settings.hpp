#pragma once

#include "config/configuration.hpp"
#include "spool/spool.hpp"

#include <filesystem>

namespace dialhook::daemon {

/// Returns what the spool is to know of `configuration`. `state_folder` (empty: none) has its file, unless the
/// configuration names another one.
spool::Settings spool_settings(const config::Configuration& configuration, const std::filesystem::path& state_folder);

} // namespace dialhook::daemon
