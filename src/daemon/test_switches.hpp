#pragma once

#include "daemon/worker.hpp"

#include <array>
#include <chrono>
#include <csignal>
#include <thread>

/// Ways to break the daemon from outside, to show that it is noticed: SIGUSR1 blocks the main event loop for good,
/// SIGUSR2 that of a worker. Only a test build (DIALHOOK_TEST_SWITCHES) has them.
namespace dialhook::daemon {

#ifdef DIALHOOK_TEST_SWITCHES

inline constexpr std::array<int, 2> test_signals{SIGUSR1, SIGUSR2};

/// Returns whether `signal` is one of ours; if so, the damage is done.
inline bool was_test_switch(int signal, Worker& worker, log::Log& log)
{
    const auto block = [&log] {
        log.write(log::Level::warning, "test switch: this event loop blocks");
        std::this_thread::sleep_for(std::chrono::hours(1));
    };
    if (signal == SIGUSR1)
        block();
    else if (signal == SIGUSR2)
        worker.ping(block);
    return signal == SIGUSR1 || signal == SIGUSR2;
}

#else

inline constexpr std::array<int, 0> test_signals{};

inline bool was_test_switch(int, Worker&, log::Log&)
{
    return false;
}

#endif

} // namespace dialhook::daemon
