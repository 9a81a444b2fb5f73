#include <dialhook/webhook/reply.hpp>

#include <benchmark/benchmark.h>

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
BENCHMARK_CAPTURE(reply_read, html, "<!doctype html><html><body>status=ACK&destination=101</body></html>");

} // namespace
