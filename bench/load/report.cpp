#include "report.hpp"

#include <system_error>

#include <array>
#include <cerrno>
#include <fstream>
#include <iomanip>
#include <ostream>

namespace dialhook::bench {
namespace {

/// For plots: from the fastest call to the slowest one, close together where the slow ones are.
constexpr std::array quantiles{0.001, 0.01,  0.05,   0.1,    0.2,     0.3,     0.4,     0.5,  0.6,
                               0.7,   0.8,   0.85,   0.9,    0.925,   0.95,    0.965,   0.98, 0.99,
                               0.993, 0.996, 0.9985, 0.9993, 0.99965, 0.99985, 0.99993, 1.0};

double microseconds(std::chrono::nanoseconds time)
{
    return static_cast<double>(time.count()) / 1e3;
}

} // namespace

void write_report(std::ostream& out, const Outcome& outcome)
{
    const auto& latency = outcome.latency;
    const auto calls = latency.count();
    const auto seconds = microseconds(outcome.elapsed) / 1e6;
    out << std::fixed << std::setprecision(3) << R"({"calls":)" << calls << R"(,"errors":)" << outcome.errors
        << R"(,"elapsed_s":)" << seconds << R"(,"decisions_per_s":)" << static_cast<double>(calls) / seconds
        << R"(,"p50_us":)" << microseconds(latency.percentile(0.5)) << R"(,"p99_us":)"
        << microseconds(latency.percentile(0.99)) << R"(,"max_us":)" << microseconds(latency.longest())
        << R"(,"own_cpu_us":)" << microseconds(outcome.own_cpu) << R"(,"quantiles":[)";
    const char* comma = "";
    for (const auto share : quantiles) {
        out << comma << '[' << std::setprecision(5) << share << ',' << std::setprecision(3)
            << microseconds(latency.percentile(share)) << ']';
        comma = ",";
    }
    out << "]}\n";
}

void write_samples(const std::filesystem::path& file, const std::vector<Answered>& answers)
{
    std::ofstream out{file, std::ios::binary};
    for (const auto& answer : answers) {
        const std::array<std::int64_t, 2> pair{std::chrono::nanoseconds{answer.started.time_since_epoch()}.count(),
                                               answer.taken.count()};
        out.write(reinterpret_cast<const char*>(pair.data()), sizeof pair);
    }
    if (!out.flush())
        throw std::system_error{errno, std::generic_category(), "write to " + file.native()};
}

} // namespace dialhook::bench
