#include "daemon/log_options.hpp"

#include <cstdlib>

namespace dialhook::daemon {

log::Log::Options log_options(const config::LogSettings& settings)
{
    log::Log::Options options;
    options.level = settings.level;
    options.file = settings.file;
    options.priorities = options.file.empty() && log::is_journal(options.fd, std::getenv("JOURNAL_STREAM"));
    switch (settings.format) {
    case config::LogFormat::automatic:
        options.format = options.priorities ? log::Format::journal : log::Format::text;
        break;
    case config::LogFormat::text:
        options.format = log::Format::text;
        break;
    case config::LogFormat::json:
        options.format = log::Format::json;
        break;
    case config::LogFormat::syslog:
        options.format = log::Format::syslog;
        break;
    }
    return options;
}

} // namespace dialhook::daemon
