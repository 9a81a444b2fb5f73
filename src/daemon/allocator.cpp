/// jemalloc's options (jemalloc(3)). It gives memory back that was free for a second, from a thread of its own: the
/// threads that decide calls never do that. Two arenas, since few threads allocate much.
extern "C" const char* const malloc_conf;
const char* const malloc_conf = "background_thread:true,dirty_decay_ms:1000,muzzy_decay_ms:0,narenas:2";
