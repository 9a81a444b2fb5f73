#pragma once

#include "daemon/last_good.hpp"
#include "daemon/loader.hpp"

#include <optional>

namespace dialhook::daemon {

/// Runs the daemon with `loaded`, or with the last good configuration when that has faults or cannot be started with;
/// with neither, refuses whatever asks for a while. Returns the exit code of the process.
int start(Loader& loader, boost::system::result<Loaded, config::Faults> loaded,
          const std::optional<LastGood>& last_good);

} // namespace dialhook::daemon
