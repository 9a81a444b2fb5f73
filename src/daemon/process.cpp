#include "daemon/process.hpp"

#include <sys/resource.h>

#include <csignal>
#include <initializer_list>

namespace dialhook::daemon {
namespace {

/// The signals that the daemon's main thread takes.
sigset_t taken_signals()
{
    sigset_t signals;
    ::sigemptyset(&signals);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP})
        ::sigaddset(&signals, signal);
    return signals;
}

} // namespace

void prepare_process()
{
    std::signal(SIGPIPE, SIG_IGN);

    const sigset_t signals = taken_signals();
    ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);

    rlimit files{};
    if (::getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        ::setrlimit(RLIMIT_NOFILE, &files);
    }
}

void take_signals_here()
{
    const sigset_t signals = taken_signals();
    ::pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
}

} // namespace dialhook::daemon
