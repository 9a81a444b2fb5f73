#include "daemon/allocator.hpp"

#include <cstddef>
#include <jemalloc/jemalloc.h>

/// jemalloc's options (jemalloc(3)). It gives memory back that was free for a second, from a thread of its own: the
/// threads that decide calls never do that. Two arenas, since few threads allocate much.
const char* malloc_conf = "background_thread:true,dirty_decay_ms:1000,muzzy_decay_ms:0,narenas:2";

namespace dialhook::daemon {

void use_own_arena()
{
    unsigned arena = 0;
    std::size_t size = sizeof arena;
    if (::mallctl("arenas.create", &arena, &size, nullptr, 0) == 0)
        ::mallctl("thread.arena", nullptr, nullptr, &arena, sizeof arena);
}

} // namespace dialhook::daemon
