#include "api/http/process_metrics.hpp"

#include <sys/resource.h>
#include <system_error>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>

namespace dialhook::status {
namespace {

void add(Exposition& exposition, const MetricFamily& family, double value)
{
    exposition.begin(family);
    exposition.sample(family.name, {}, value);
}

/// Fields of /proc/self/stat, by their numbers in proc(5) less 3: those after the name of the program.
std::optional<std::array<double, 22>> fields_of_stat()
{
    std::ifstream file("/proc/self/stat");
    std::string line;
    std::getline(file, line);
    const auto name_end = line.rfind(')'); // the name itself may hold anything
    if (name_end == std::string::npos)
        return std::nullopt;
    std::istringstream fields(line.substr(name_end + 1));
    std::string state;
    fields >> state;
    std::array<double, 22> values{};
    for (std::size_t field = 1; field < values.size(); ++field)
        fields >> values[field];
    if (!fields)
        return std::nullopt;
    return values;
}

/// Seconds since 1970 at which the machine started.
std::optional<double> boot_time()
{
    std::ifstream file("/proc/stat");
    std::string word;
    double seconds = 0;
    while (file >> word)
        if (word == "btime" && file >> seconds)
            return seconds;
    return std::nullopt;
}

void append_times_and_memory(Exposition& exposition)
{
    const auto stat = fields_of_stat();
    if (!stat)
        return;
    constexpr std::size_t user_time = 11;
    constexpr std::size_t system_time = 12;
    constexpr std::size_t started_at = 19;
    constexpr std::size_t virtual_bytes = 20;
    constexpr std::size_t resident_pages = 21;
    const auto ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
    const auto page = static_cast<double>(::sysconf(_SC_PAGESIZE));
    add(exposition,
        {"process_cpu_seconds_total", MetricType::counter, "User and system CPU time of the process, in seconds."},
        ((*stat)[user_time] + (*stat)[system_time]) / ticks);
    add(exposition, {"process_virtual_memory_bytes", MetricType::gauge, "Virtual memory of the process."},
        (*stat)[virtual_bytes]);
    add(exposition, {"process_resident_memory_bytes", MetricType::gauge, "Resident memory of the process."},
        (*stat)[resident_pages] * page);
    if (const auto boot = boot_time())
        add(exposition,
            {"process_start_time_seconds", MetricType::gauge, "When the process started, in seconds since 1970."},
            *boot + (*stat)[started_at] / ticks);
}

void append_limit(Exposition& exposition, int resource, const MetricFamily& family)
{
    rlimit limit{};
    if (::getrlimit(static_cast<__rlimit_resource_t>(resource), &limit) == 0)
        add(exposition, family, limit.rlim_cur == RLIM_INFINITY ? -1 : static_cast<double>(limit.rlim_cur));
}

} // namespace

void append_process_metrics(Exposition& exposition)
{
    append_times_and_memory(exposition);
    append_limit(
        exposition, RLIMIT_AS,
        {"process_virtual_memory_max_bytes", MetricType::gauge, "Limit of the process's virtual memory; -1: none."});
    std::error_code error;
    double open = 0;
    for (std::filesystem::directory_iterator at("/proc/self/fd", error), end; !error && at != end; at.increment(error))
        ++open;
    if (!error)
        add(exposition, {"process_open_fds", MetricType::gauge, "Open file descriptors."}, open);
    append_limit(exposition, RLIMIT_NOFILE, {"process_max_fds", MetricType::gauge, "Limit of open file descriptors."});
}

} // namespace dialhook::status
