#include "api/rpc/rpc_request.hpp"
#include "decisions/sink.hpp"

#include <benchmark/benchmark.h>
#include <spdlog/async_logger.h>
#include <spdlog/details/thread_pool.h>
#include <spdlog/sinks/basic_file_sink.h>

#include <chrono>
#include <cstdio>
#include <memory>
#include <thread>

namespace {

using namespace dialhook;

constexpr int lines = 1000; // fewer than a thread's ring holds, so that none is dropped

/// A call as an engine describes it.
Call call()
{
    auto line = rpc::read_line(R"({"jsonrpc":"2.0","id":7,"method":"call.route","params":{"webhook":"crm",)"
                               R"("did":"+31502102544","callerid":"+31612345678","callername":"Jan Jansen",)"
                               R"("call_id":"1700000000.42"}})");
    return std::get<flow::RouteRequest>(line.requests.front().asks).call;
}

dispatch::DispatchResult result()
{
    auto decision = Decision::success();
    decision.status = Status::ack;
    decision.callername = "VoysTelecom";
    decision.http_status = 200;
    decision.source = Source::url;
    dispatch::DispatchResult result{std::move(decision)};
    result.elapsed = std::chrono::milliseconds{12};
    return result;
}

/// What the thread of the calls pays for a thousand lines; the writer's thread puts them out meanwhile.
void decision_log_thousand_lines(benchmark::State& state)
{
    auto* const nowhere = std::fopen("/dev/null", "w");
    {
        log::Log::Options options;
        options.fd = ::fileno(nowhere);
        log::Log log{options};
        const auto ring = std::make_shared<dispatch::DecisionRing>();
        log.add(std::make_shared<dispatch::DecisionFeed>(ring));
        dispatch::ThreadMetrics metrics;
        dispatch::DecisionSink sink{metrics, *ring, log};
        const config::ServerSettings settings;
        const auto who = call();
        const auto what = result();
        for (auto _ : state) {
            const auto begin = std::chrono::steady_clock::now();
            for (int line = 0; line < lines; ++line)
                sink.record(settings, {who, {}, "crm", what.decision.callername, &what});
            const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin;
            state.SetIterationTime(taken.count());
            std::this_thread::sleep_for(std::chrono::milliseconds{60}); // longer than the writer lets lines lie
        }
        if (log.dropped() > 0)
            state.SkipWithError("lines were dropped");
    }
    std::fclose(nowhere);
    state.SetItemsProcessed(lines * state.iterations());
}
BENCHMARK(decision_log_thousand_lines)->UseManualTime()->Iterations(20)->Unit(benchmark::kMicrosecond);

/// The same lines by spdlog's queue alone, which formats them on the thread of the calls.
void spdlog_thousand_lines(benchmark::State& state)
{
    const auto pool = std::make_shared<spdlog::details::thread_pool>(8192, 1);
    const auto sink = std::make_shared<spdlog::sinks::basic_file_sink_mt>("/dev/null");
    const auto logger =
        std::make_shared<spdlog::async_logger>("", sink, pool, spdlog::async_overflow_policy::overrun_oldest);
    const auto who = call();
    const auto what = result();
    for (auto _ : state) {
        const auto begin = std::chrono::steady_clock::now();
        for (int line = 0; line < lines; ++line)
            logger->info(
                "decision call_id={} did={} callerid={} webhook={} branch=on_success status=ACK callername=\"{}\" "
                "http_status={} duration_ms={}",
                who.call_id.str(), who.did.str(), who.callerid.str(), "crm", what.decision.callername, 200,
                what.elapsed.count());
        const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin;
        state.SetIterationTime(taken.count());
        std::this_thread::sleep_for(std::chrono::milliseconds{60});
    }
    if (pool->overrun_counter() > 0)
        state.SkipWithError("lines were dropped");
    state.SetItemsProcessed(lines * state.iterations());
}
BENCHMARK(spdlog_thousand_lines)->UseManualTime()->Iterations(20)->Unit(benchmark::kMicrosecond);

} // namespace
