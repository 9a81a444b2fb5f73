#include "log/log.hpp"
#include "spool/spool.hpp"

#include <benchmark/benchmark.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>
#include <memory>
#include <string>

// How many reports a second are on the disk, and what it takes in memory when nobody takes the events.
namespace {

using namespace dialhook;

class SpoolOnDisk
{
public:
    SpoolOnDisk()
    {
        std::string pattern = "spool-bench-XXXXXX"; // on the disk of the working folder: /tmp may be memory
        folder_ = ::mkdtemp(pattern.data());
        spool::Settings settings;
        settings.file = folder_ / "spool.db";
        settings.notifications = std::make_shared<const events::Notifications>(events::Notifications{notification()});
        spool_ = std::make_unique<spool::Spool>(settings, log_);
    }
    ~SpoolOnDisk()
    {
        spool_.reset();
        std::filesystem::remove_all(folder_);
    }
    SpoolOnDisk(const SpoolOnDisk&) = delete;
    SpoolOnDisk& operator=(const SpoolOnDisk&) = delete;

    /// Reports `count` events of calls of their own, and waits until all are on the disk.
    void report(int count)
    {
        std::atomic<int> left = count;
        std::promise<void> all;
        for (int index = 0; index < count; ++index)
            spool_->report(next(), [&](spool::Stored, const std::string&) {
                if (--left == 0)
                    all.set_value();
            });
        all.get_future().wait();
    }

private:
    static events::Notification notification()
    {
        return {.name = *WebhookName::from("crm"), .urls = {*UrlTemplate::parse("http://crm.lan/calls")}};
    }

    events::Report next()
    {
        events::Report report{
            *events::CallId::from("1784000000." + std::to_string(++call_)), events::Kind::created, {}, {}, false};
        report.facts.direction = events::Direction::inbound;
        report.facts.did = *CallText::from("+31502102544");
        report.facts.callerid = *CallText::from("+31612345678");
        report.facts.callername = *CallerName::from("VoysTelecom");
        return report;
    }

    log::Log log_{{log::Level::error, log::Format::text, 2}};
    std::filesystem::path folder_;
    std::unique_ptr<spool::Spool> spool_;
    std::uint64_t call_ = 0;
};

double resident_megabytes()
{
    std::ifstream file("/proc/self/statm");
    std::size_t size = 0;
    std::size_t resident = 0;
    file >> size >> resident;
    return static_cast<double>(resident) * static_cast<double>(::sysconf(_SC_PAGESIZE)) / 1e6;
}

/// So many at a time wait for their answer.
void spool_stored(benchmark::State& state)
{
    SpoolOnDisk spool;
    const auto at_once = static_cast<int>(state.range(0));
    for (auto _ : state)
        spool.report(at_once);
    state.SetItemsProcessed(state.iterations() * at_once);
}
BENCHMARK(spool_stored)->Arg(1)->Arg(16)->Arg(256)->UseRealTime()->Unit(benchmark::kMillisecond);

void spool_memory_of_100000_waiting(benchmark::State& state)
{
    for (auto _ : state) {
        const double before = resident_megabytes();
        SpoolOnDisk spool;
        for (int count = 0; count < 10; ++count)
            spool.report(10'000);
        state.counters["MB"] = resident_megabytes() - before;
    }
}
BENCHMARK(spool_memory_of_100000_waiting)->Iterations(1)->UseRealTime()->Unit(benchmark::kMillisecond);

} // namespace
