#include "daemon/allocator.hpp"

namespace dialhook::daemon {

void use_own_arena() {}

} // namespace dialhook::daemon
