#include "daemon/process.hpp"

#include <sys/resource.h>

#include <csignal>

namespace dialhook::daemon {

void prepare_process()
{
    std::signal(SIGPIPE, SIG_IGN);

    rlimit files{};
    if (::getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        ::setrlimit(RLIMIT_NOFILE, &files);
    }
}

} // namespace dialhook::daemon
