#include "api/rpc/rpc_request.hpp"

#include <benchmark/benchmark.h>

namespace {

using namespace dialhook::rpc;

void request_line_read(benchmark::State& state, std::string_view line)
{
    for (auto _ : state)
        benchmark::DoNotOptimize(read_line(line));
    state.SetBytesProcessed(static_cast<std::int64_t>(line.size()) * state.iterations());
}
BENCHMARK_CAPTURE(request_line_read, route,
                  R"({"jsonrpc":"2.0","id":7,"method":"call.route","params":{"webhook":"crm","did":"+31502102544",)"
                  R"("callerid":"+31612345678","callername":"Jan Jansen","call_id":"1700000000.42"}})");
BENCHMARK_CAPTURE(
    request_line_read, escapes,
    R"({"jsonrpc":"2.0","id":"\u0037","method":"call.route","params":{"webhook":"crm","did":"+31502102544",)"
    R"("callername":"\"Jan\" Jans\u00e9n \ud83d\ude00","unknown":[1,{"a":null}]}})");
BENCHMARK_CAPTURE(request_line_read, broken, R"({"jsonrpc":"2.0","id":7,"method":"call.route","params":{"webhook":)");

} // namespace
