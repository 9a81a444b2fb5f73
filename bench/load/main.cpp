#include "closed_loop.hpp"
#include "scenario.hpp"

#include <charconv>
#include <exception>
#include <getopt.h>
#include <iomanip>
#include <iostream>
#include <stdexcept>

// dialhook-bench - asks one system under test on a Unix socket, in a closed loop, and reports JSON on stdout.
namespace {

using namespace dialhook::bench;

constexpr std::string_view usage = R"(usage: dialhook-bench --protocol engine|http --socket PATH [options]
       dialhook-bench --scenario

  --protocol NAME    engine: JSON-RPC to Dialhook; http: GET, keep-alive, to a proxy
  --socket PATH      Unix socket of the system under test
  --connections N    connections (1)
  --pipelined M      calls under way on each of them (1; http takes no more)
  --warmup SECONDS   calls before the measured window, not reported (1)
  --seconds SECONDS  the measured window (5)
  --calls N          so many calls in the warm-up and in the measured window, however long they take
  --hold             after the warm-up print `warm` and wait for a line on stdin, so that others can read counters
                     while nothing is under way
  --scenario         print what is asked and what the web server must reply, as JSON

exit: 0 every answer was right, 1 some were not or the peer failed, 2 wrong usage
)";

struct Options
{
    std::string protocol;
    std::string socket;
    Shape shape;
    double warmup = 1;
    double seconds = 5;
    std::uint64_t calls = 0; ///< 0: as many as the seconds allow
    bool hold = false;
    bool scenario = false;
};

template <class Number>
Number positive(std::string_view text)
{
    Number value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || value < Number{})
        throw std::invalid_argument{"not a number: " + std::string{text}};
    return value;
}

std::chrono::nanoseconds duration(double seconds)
{
    return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::duration<double>{seconds});
}

void print_scenario()
{
    std::cout << R"({"webhook":")" << scenario::webhook << R"(","url_template":")" << scenario::url_template
              << R"(","reply":")" << scenario::reply << "\"}\n";
}

Options parse(int argc, char** argv)
{
    static constexpr option known[] = {{"protocol", required_argument, nullptr, 'p'},
                                       {"socket", required_argument, nullptr, 's'},
                                       {"connections", required_argument, nullptr, 'c'},
                                       {"pipelined", required_argument, nullptr, 'm'},
                                       {"warmup", required_argument, nullptr, 'w'},
                                       {"seconds", required_argument, nullptr, 't'},
                                       {"calls", required_argument, nullptr, 'n'},
                                       {"hold", no_argument, nullptr, 'h'},
                                       {"scenario", no_argument, nullptr, 'S'},
                                       {"help", no_argument, nullptr, '?'},
                                       {}};
    Options options;
    for (int found; (found = ::getopt_long(argc, argv, "", known, nullptr)) != -1;) {
        switch (found) {
        case 'p':
            options.protocol = ::optarg;
            break;
        case 's':
            options.socket = ::optarg;
            break;
        case 'c':
            options.shape.connections = positive<std::size_t>(::optarg);
            break;
        case 'm':
            options.shape.calls_each = positive<std::size_t>(::optarg);
            break;
        case 'w':
            options.warmup = positive<double>(::optarg);
            break;
        case 't':
            options.seconds = positive<double>(::optarg);
            break;
        case 'n':
            options.calls = positive<std::uint64_t>(::optarg);
            break;
        case 'h':
            options.hold = true;
            break;
        case 'S':
            options.scenario = true;
            break;
        default:
            throw std::invalid_argument{"see the options"};
        }
    }
    if (options.scenario)
        return options;
    if (options.socket.empty() || (options.protocol != "engine" && options.protocol != "http"))
        throw std::invalid_argument{"--protocol and --socket are needed"};
    return options;
}

double microseconds(std::chrono::nanoseconds time)
{
    return static_cast<double>(time.count()) / 1e3;
}

void print_report(const Outcome& outcome)
{
    const auto& latency = outcome.latency;
    const auto calls = latency.count();
    const auto seconds = microseconds(outcome.elapsed) / 1e6;
    std::cout << std::fixed << std::setprecision(3) << R"({"calls":)" << calls << R"(,"errors":)" << outcome.errors
              << R"(,"elapsed_s":)" << seconds << R"(,"decisions_per_s":)" << static_cast<double>(calls) / seconds
              << R"(,"p50_us":)" << microseconds(latency.percentile(0.5)) << R"(,"p99_us":)"
              << microseconds(latency.percentile(0.99)) << R"(,"max_us":)" << microseconds(latency.longest())
              << R"(,"own_cpu_us":)" << microseconds(outcome.own_cpu) << "}\n";
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

Limit limit(const Options& options, double seconds)
{
    if (options.calls > 0)
        return {.calls = options.calls};
    return {.duration = duration(seconds)};
}

bool measure(const Options& options)
{
    const EngineProtocol engine;
    const HttpProtocol http;
    const Protocol& protocol = options.protocol == "engine" ? static_cast<const Protocol&>(engine) : http;
    ClosedLoop loop{protocol, options.socket, options.shape};

    if (!all_right(loop.run(limit(options, options.warmup)), "warm-up"))
        return false;
    if (options.hold) {
        std::cout << "warm" << std::endl;
        std::string line;
        std::getline(std::cin, line);
    }
    const auto outcome = loop.run(limit(options, options.seconds));
    print_report(outcome);
    return all_right(outcome, "measured window");
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
