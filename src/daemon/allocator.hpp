#pragma once

namespace dialhook::daemon {

/// From now on the calling thread's memory comes from an arena of its own: whoever takes memory meanwhile never waits
/// for a lock that this thread holds while it has no processor. Does nothing with another allocator than jemalloc.
void use_own_arena();

} // namespace dialhook::daemon
