#pragma once

namespace dialhook::daemon {

/// Sets up what belongs to the whole process: as many descriptors as the hard limit allows, no signal when somebody
/// hangs up while we write, and SIGTERM, SIGINT and SIGHUP held back from this thread and those that it starts.
void prepare_process();

/// The signals that were held back come to the calling thread, and to no other. Their handlers are in place by now.
void take_signals_here();

} // namespace dialhook::daemon
