#include "webhook/url_template.hpp"

#include <benchmark/benchmark.h>

namespace {

using namespace dialhook;

VariableValues values()
{
    VariableValues values;
    values[Variable::did] = "+31502102544";
    values[Variable::callerid] = "+31612345678";
    values[Variable::callername] = "Jan Jansen";
    values[Variable::call_id] = "1700000000.42";
    return values;
}

void url_template_expand(benchmark::State& state)
{
    const auto url = UrlTemplate::parse("https://crm.example/call?did={did}&callerid={callerid}&name={callername}");
    const auto call = values();
    std::string target;
    for (auto _ : state) {
        target.clear();
        url->expand(call, target);
        benchmark::DoNotOptimize(target.data());
    }
}
BENCHMARK(url_template_expand);

void url_template_compile(benchmark::State& state)
{
    for (auto _ : state)
        benchmark::DoNotOptimize(
            UrlTemplate::parse("https://crm.example/call?did={did}&callerid={callerid}&name={callername}"));
}
BENCHMARK(url_template_compile);

} // namespace
