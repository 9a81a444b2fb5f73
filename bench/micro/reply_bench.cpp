#include "webhook/reply.hpp"

#include <benchmark/benchmark.h>

#include <string>
#include <utility>
#include <vector>

namespace {

using namespace dialhook;

void reply_read(benchmark::State& state, std::string_view body)
{
    for (auto _ : state)
        benchmark::DoNotOptimize(Reply::read(body));
    state.SetBytesProcessed(static_cast<std::int64_t>(body.size()) * state.iterations());
}
BENCHMARK_CAPTURE(reply_read, ordinary, "status=ACK&destination=%2B31502102544&callername=VoysTelecom");
BENCHMARK_CAPTURE(reply_read, refusal, "status=NAK");
BENCHMARK_CAPTURE(reply_read, sloppy,
                  "\xEF\xBB\xBF Status = ack &amp;DESTINATION=+31 (50) 210-25.44&&callername=Caf\xE9 + Bar\r\n");
BENCHMARK_CAPTURE(reply_read, variables, "status=ACK&destination=101&queue=sales&language=nl&priority=2&account=10042");
BENCHMARK_CAPTURE(
    reply_read, json,
    R"({"status":"ACK","destination":"+31502102544","callername":"VoysTelecom","account":"4711","tier":"1"})");
BENCHMARK_CAPTURE(reply_read, html, "<!doctype html><html><body>status=ACK&destination=101</body></html>");

/// Of a service that knows nothing of calls.
void reply_read_by_pointers(benchmark::State& state)
{
    const auto pointer = [](ReplyField field, std::vector<std::string> tokens) {
        return ReplyTarget{.field = field, .variable = {}, .key = {}, .pointer = std::move(tokens)};
    };
    const ReplyOptions options{.format = ReplyFormat::json,
                               .is_always_ack = true,
                               .has_own_variables = true,
                               .targets = {pointer(ReplyField::destination, {"contact", "phones", "0"}),
                                           pointer(ReplyField::callername, {"contact", "name"})}};
    constexpr std::string_view body =
        R"({"id":7,"contact":{"name":"VoysTelecom","phones":["+31502102544","101"]},"account":{"tier":"gold"}})";
    for (auto _ : state)
        benchmark::DoNotOptimize(Reply::read(body, {}, options));
    state.SetBytesProcessed(static_cast<std::int64_t>(body.size()) * state.iterations());
}
BENCHMARK(reply_read_by_pointers);

} // namespace
