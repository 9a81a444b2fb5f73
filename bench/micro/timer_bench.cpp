#include "net/loop/timer_wheel.hpp"

#include <benchmark/benchmark.h>

#include <chrono>
#include <deque>
#include <memory>
#include <vector>

namespace {

using namespace dialhook::net;
using namespace std::chrono_literals;

constexpr int others = 10'000; // of calls that hang

/// A call's deadline: set, and taken back when the web server has answered.
void deadline_of_the_wheel(benchmark::State& state)
{
    asio::io_context context;
    TimerWheel wheel(context);
    const auto fire = [] {};
    std::deque<FunctionTimer<decltype(fire)>> hung;
    const auto now = Clock::now();
    for (int call = 0; call < others; ++call)
        wheel.arm(hung.emplace_back(fire), now + 10s + std::chrono::milliseconds(call));
    for (auto _ : state) {
        FunctionTimer timer(fire);
        wheel.arm(timer, now + 5s);
        wheel.disarm(timer);
    }
}
BENCHMARK(deadline_of_the_wheel);

/// The same by a timer of Asio's, which keeps a heap. What it calls back is run too, as in an event loop.
void deadline_of_asio(benchmark::State& state)
{
    asio::io_context context;
    std::deque<SteadyTimer> hung;
    const auto now = Clock::now();
    for (int call = 0; call < others; ++call) {
        SteadyTimer& timer = hung.emplace_back(context, now + 10s + std::chrono::milliseconds(call));
        timer.async_wait([](error_code) {});
    }
    for (auto _ : state) {
        SteadyTimer timer(context, now + 5s);
        timer.async_wait([](error_code) {});
        timer.cancel();
        context.poll();
    }
}
BENCHMARK(deadline_of_asio);

} // namespace
