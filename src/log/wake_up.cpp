#include "log/wake_up.hpp"

#include <sys/syscall.h>
#include <unistd.h>

#include <ctime>
#include <linux/futex.h>

namespace dialhook::log {
namespace {

// C++20 has no wait with a limit on an atomic.
void futex(std::atomic<std::uint32_t>& word, int operation, std::uint32_t value, const timespec* limit)
{
    ::syscall(SYS_futex, &word, operation | FUTEX_PRIVATE_FLAG, value, limit, nullptr, 0);
}

} // namespace

void WakeUp::wake()
{
    if (state_.exchange(awake, std::memory_order_seq_cst) != awake)
        futex(state_, FUTEX_WAKE, 1, nullptr);
}

void WakeUp::rest(State state, std::chrono::nanoseconds limit)
{
    const auto seconds = std::chrono::floor<std::chrono::seconds>(limit);
    timespec span{};
    span.tv_sec = static_cast<std::time_t>(seconds.count());
    span.tv_nsec = static_cast<long>((limit - seconds).count());
    futex(state_, FUTEX_WAIT, state, state == asleep ? nullptr : &span);
}

} // namespace dialhook::log
