#include "egress/rules.hpp"

#include <benchmark/benchmark.h>

namespace {

using namespace dialhook::egress;

const Rules rules{{*Entry::parse("10.20.0.0/16"), *Entry::parse("crm.lan")}, {*Entry::parse("192.0.2.0/24")}};

void egress_judge(benchmark::State& state, const char* address)
{
    const auto judged = boost::asio::ip::make_address(address);
    for (auto _ : state)
        benchmark::DoNotOptimize(rules.judge("crm.example", judged));
}
BENCHMARK_CAPTURE(egress_judge, global, "93.184.216.34");
BENCHMARK_CAPTURE(egress_judge, allowed, "10.20.1.1");
BENCHMARK_CAPTURE(egress_judge, refused, "169.254.169.254");
BENCHMARK_CAPTURE(egress_judge, global_ipv6, "2606:2800:220:1::1");
BENCHMARK_CAPTURE(egress_judge, embedded, "64:ff9b::5db8:d822");

} // namespace
