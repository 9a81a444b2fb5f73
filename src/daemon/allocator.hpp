#pragma once

namespace dialhook::daemon {

/// From now on the calling thread's memory comes from an arena of its own: threads that allocate meanwhile never wait
/// for a lock that this thread holds while it has no processor.
#ifdef DIALHOOK_JEMALLOC
void use_own_arena();
#else
inline void use_own_arena() {}
#endif

} // namespace dialhook::daemon
