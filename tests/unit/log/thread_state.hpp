#pragma once

#include <sys/syscall.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <thread>

namespace dialhook::log {

#ifdef DIALHOOK_EMULATED
constexpr long futex_call = 202; ///< what /proc says is of the kernel under the emulator: x86-64
#else
constexpr long futex_call = SYS_futex;
#endif

/// Returns whether a thread of this process waits for a futex without a limit: not for a moment, but until it is
/// called.
inline bool sleeps(std::string_view thread)
{
    for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
        std::string name;
        std::getline(std::ifstream(task.path() / "comm"), name);
        if (name != thread)
            continue;
        // "202 ADDRESS OPERATION VALUE TIMEOUT ..."; "running" while it does not wait.
        std::ifstream call(task.path() / "syscall");
        std::string number;
        std::string address;
        std::string operation;
        std::string value;
        std::string limit;
        call >> number >> address >> operation >> value >> limit;
        return number == std::to_string(futex_call) && limit == "0x0";
    }
    return false;
}

/// Returns whether it does so before ten seconds are over.
inline bool comes_to_sleep(std::string_view thread)
{
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!sleeps(thread)) {
        if (std::chrono::steady_clock::now() > limit)
            return false;
        std::this_thread::yield();
    }
    return true;
}

} // namespace dialhook::log
