#pragma once

namespace dialhook::daemon {

/// Sets up what belongs to the whole process: as many descriptors as the hard limit allows, and no signal when somebody
/// hangs up while we write.
void prepare_process();

} // namespace dialhook::daemon
