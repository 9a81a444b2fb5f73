#include "closed_loop.hpp"
#include "engine_protocol.hpp"
#include "open_loop.hpp"
#include "options.hpp"
#include "report.hpp"
#include "scenario.hpp"

#include <ctime>
#include <exception>
#include <iostream>
#include <stdexcept>
#include <utility>

// dialhook-bench - asks one system under test, in a closed or an open loop, and reports JSON on
// stdout.
namespace {

using namespace dialhook::bench;

constexpr std::size_t samples_expected = 1'000'000; // room for them is made before the window

void print_scenario()
{
    std::cout << R"({"webhook":")" << scenario::webhook << R"(","url_template":")" << scenario::url_template
              << R"(","reply":")" << scenario::reply << "\"}\n";
}

std::unique_ptr<Protocol> protocol_of(const Options& options)
{
    if (options.protocol == "http")
        return std::make_unique<HttpProtocol>();
    RouteCalls calls{options.webhook, options.spread, options.expected};
    if (options.protocol == "engine-http")
        return std::make_unique<EngineHttpProtocol>(std::move(calls));
    return std::make_unique<EngineProtocol>(std::move(calls));
}

std::unique_ptr<Loop> loop_of(const Options& options, const Protocol& protocol)
{
    if (options.rate > 0)
        return std::make_unique<OpenLoop>(protocol, options.socket, options.shape, options.rate);
    return std::make_unique<ClosedLoop>(protocol, options.socket, options.shape);
}

std::chrono::nanoseconds own_cpu()
{
    timespec used{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return std::chrono::seconds{used.tv_sec} + std::chrono::nanoseconds{used.tv_nsec};
}

void run(Loop& loop, const Limit& limit, Outcome& outcome)
{
    const auto cpu_before = own_cpu();
    const auto begin = Clock::now();
    try {
        loop.run(limit, outcome);
    } catch (const std::runtime_error& error) {
        outcome.broken_off = error.what();
    }
    outcome.elapsed = Clock::now() - begin;
    outcome.own_cpu = own_cpu() - cpu_before;
}

/// Whether every call was answered and every answer right; says on stderr what was not.
bool all_right(const Outcome& outcome, const char* phase)
{
    for (const auto& error : outcome.first_errors)
        std::cerr << "dialhook-bench: " << phase << ": " << error << '\n';
    if (!outcome.broken_off.empty())
        std::cerr << "dialhook-bench: " << phase << ": " << outcome.broken_off << '\n';
    return outcome.errors == 0 && outcome.broken_off.empty();
}

bool measure(const Options& options)
{
    const auto protocol = protocol_of(options);
    const auto loop = loop_of(options, *protocol);

    Outcome warmup;
    run(*loop, options.warmup, warmup);
    if (!all_right(warmup, "warm-up"))
        return false;
    Outcome window;
    if (!options.samples.empty())
        window.each.emplace().reserve(samples_expected);
    if (options.hold) {
        std::cout << "warm" << std::endl;
        std::string line;
        std::getline(std::cin, line);
    }
    run(*loop, options.window, window);
    write_report(std::cout, window);
    if (window.each)
        write_samples(options.samples, *window.each);
    return all_right(window, "measured window");
}

} // namespace

int main(int argc, char** argv)
{
    try {
        const auto options = parse(argc, argv);
        if (options.scenario) {
            print_scenario();
            return 0;
        }
        return measure(options) ? 0 : 1;
    } catch (const std::invalid_argument& error) {
        std::cerr << "dialhook-bench: " << error.what() << '\n' << usage;
        return 2;
    } catch (const std::exception& error) {
        std::cerr << "dialhook-bench: " << error.what() << '\n';
        return 1;
    }
}
