#include "daemon/spool_settings.hpp"

namespace dialhook::daemon {

spool::Settings spool_settings(const config::Configuration& configuration, const std::filesystem::path& state_folder)
{
    const config::ServerSettings& server = configuration.server;
    std::filesystem::path file = server.spool.file;
    if (file.empty() && !state_folder.empty())
        file = state_folder / "spool.db";
    return {.file = std::move(file),
            .event_idle = server.spool.event_idle,
            .keep = server.spool.keep,
            .redact = server.redact,
            .numbers = server.numbers.plan,
            .notifications = configuration.notifications};
}

} // namespace dialhook::daemon
