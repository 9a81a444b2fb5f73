#include "options.hpp"

#include "scenario.hpp"

#include <charconv>
#include <getopt.h>
#include <stdexcept>

namespace dialhook::bench {

const std::string_view usage = R"(usage: dialhook-bench --protocol engine|engine-http|http --socket PATH [options]
       dialhook-bench --scenario

  --protocol NAME    engine: JSON-RPC to Dialhook; engine-http: POST /v1/route to Dialhook; http: GET, keep-alive, to a proxy
  --socket PATH      Unix socket of the system under test, or 127.0.0.1:PORT
  --connections N    connections (1)
  --pipelined M      calls under way on each of them, at most (1; only engine takes more)
  --rate R           an open loop: R calls a second on average, whatever becomes of them; without it a closed loop,
                     each answer lets the next call start
  --warmup SECONDS   calls before the measured window, not reported (1); 0: none
  --warmup-calls N   so many calls in the warm-up instead
  --seconds SECONDS  the measured window (5)
  --calls N          so many calls in the warm-up and in the measured window, however long they take
  --webhook NAME     the webhook that is asked for (crm)
  --spread N         N webhooks instead, NAME-0 and on, in random order, each as often as the others
  --expect WHAT      success, or timeout: every call's answer must be that (success)
  --samples FILE     also write every call: when it was to start (CLOCK_MONOTONIC) and how long it took, two 64-bit
                     numbers of nanoseconds in the machine's order
  --hold             after the warm-up print `warm` and wait for a line on stdin, so that others can read counters
                     while nothing is under way
  --scenario         print what is asked and what the web server must reply, as JSON

exit: 0 every answer was right, 1 some were not or the peer failed, 2 wrong usage
)";

namespace {

template <class Number>
Number number(std::string_view text)
{
    Number value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || value < Number{})
        throw std::invalid_argument{"not a number: " + std::string{text}};
    return value;
}

std::chrono::nanoseconds seconds(std::string_view text)
{
    return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::duration<double>{number<double>(text)});
}

RouteCalls::Expected expected(std::string_view text)
{
    if (text == "success")
        return RouteCalls::Expected::success;
    if (text == "timeout")
        return RouteCalls::Expected::timeout;
    throw std::invalid_argument{"--expect takes success or timeout"};
}

void take(Options& options, int which, const char* value)
{
    switch (which) {
    case 'p':
        options.protocol = value;
        break;
    case 's':
        options.socket = value;
        break;
    case 'c':
        options.shape.connections = number<std::size_t>(value);
        break;
    case 'm':
        options.shape.calls_each = number<std::size_t>(value);
        break;
    case 'r':
        options.rate = number<double>(value);
        break;
    case 'w':
        options.warmup.duration = seconds(value);
        break;
    case 't':
        options.window.duration = seconds(value);
        break;
    case 'k':
        options.warmup = {.calls = number<std::uint64_t>(value)};
        break;
    case 'n':
        options.warmup = options.window = {.calls = number<std::uint64_t>(value)};
        break;
    case 'W':
        options.webhook = value;
        break;
    case 'N':
        options.spread = number<std::size_t>(value);
        break;
    case 'e':
        options.expected = expected(value);
        break;
    case 'f':
        options.samples = value;
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

} // namespace

Options parse(int argc, char** argv)
{
    static constexpr option known[] = {{"protocol", required_argument, nullptr, 'p'},
                                       {"socket", required_argument, nullptr, 's'},
                                       {"connections", required_argument, nullptr, 'c'},
                                       {"pipelined", required_argument, nullptr, 'm'},
                                       {"rate", required_argument, nullptr, 'r'},
                                       {"warmup", required_argument, nullptr, 'w'},
                                       {"warmup-calls", required_argument, nullptr, 'k'},
                                       {"seconds", required_argument, nullptr, 't'},
                                       {"calls", required_argument, nullptr, 'n'},
                                       {"webhook", required_argument, nullptr, 'W'},
                                       {"spread", required_argument, nullptr, 'N'},
                                       {"expect", required_argument, nullptr, 'e'},
                                       {"samples", required_argument, nullptr, 'f'},
                                       {"hold", no_argument, nullptr, 'h'},
                                       {"scenario", no_argument, nullptr, 'S'},
                                       {"help", no_argument, nullptr, '?'},
                                       {}};
    Options options;
    options.webhook = scenario::webhook;
    for (int found; (found = ::getopt_long(argc, argv, "", known, nullptr)) != -1;)
        take(options, found, ::optarg);
    if (options.scenario)
        return options;
    if (options.socket.empty() ||
        (options.protocol != "engine" && options.protocol != "engine-http" && options.protocol != "http"))
        throw std::invalid_argument{"--protocol and --socket are needed"};
    return options;
}

} // namespace dialhook::bench
