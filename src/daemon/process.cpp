#include "daemon/process.hpp"

#include "daemon/test_switches.hpp"

#include <sys/resource.h>
#include <sys/signalfd.h>
#include <system_error>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <limits>

namespace dialhook::daemon {
namespace {

/// The signals that the daemon takes.
constexpr std::array<int, 3> taken{SIGTERM, SIGINT, SIGHUP};

sigset_t taken_signals()
{
    sigset_t signals;
    ::sigemptyset(&signals);
    for (const int number : taken)
        ::sigaddset(&signals, number);
    for (const int number : test_signals)
        ::sigaddset(&signals, number);
    return signals;
}

} // namespace

void prepare_process()
{
    std::signal(SIGPIPE, SIG_IGN);

    for (const int number : taken)
        std::signal(number, SIG_DFL); // one that was ignored, as nohup(1) does, would not be held back but dropped
    const sigset_t signals = taken_signals();
    ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);

    rlimit files{};
    if (::getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        ::setrlimit(RLIMIT_NOFILE, &files);
    }
}

std::uint32_t descriptor_limit()
{
    constexpr rlim_t most = std::numeric_limits<std::uint32_t>::max();
    rlimit files{};
    if (::getrlimit(RLIMIT_NOFILE, &files) != 0)
        throw std::system_error(errno, std::generic_category(), "getrlimit");
    return static_cast<std::uint32_t>(std::min(files.rlim_cur, most));
}

int open_signals()
{
    const sigset_t signals = taken_signals();
    const int descriptor = ::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
    if (descriptor < 0)
        throw std::system_error(errno, std::generic_category(), "signalfd");
    return descriptor;
}

} // namespace dialhook::daemon
