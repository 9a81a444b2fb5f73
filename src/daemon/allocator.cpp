extern "C" {
/// jemalloc's options (jemalloc(3)). The daemon is idle after a peak, so a thread of jemalloc's gives memory back that was
/// free for a second; threads that decide calls never do. Two arenas, since few threads allocate much.
extern const char* const malloc_conf;
const char* const malloc_conf = "background_thread:true,dirty_decay_ms:1000,muzzy_decay_ms:0,narenas:2";
}
