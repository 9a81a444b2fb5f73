#pragma once

#include <cstdint>

namespace dialhook::daemon {

/// Sets up what belongs to the whole process: as many descriptors as the hard limit allows, no signal when somebody
/// hangs up while we write, and SIGTERM, SIGINT and SIGHUP held back from this thread and those that it starts.
void prepare_process();

/// Returns how many descriptors this process may have.
std::uint32_t descriptor_limit();

/// Returns a descriptor (signalfd(2)) from which the signals held back are read: no code of ours ever runs within a
/// signal handler, and none is lost between start and the event loop. Throws std::system_error. The caller closes it.
int open_signals();

} // namespace dialhook::daemon
