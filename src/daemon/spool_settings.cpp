#include "daemon/spool_settings.hpp"

#include <map>
#include <string>
#include <utility>

namespace dialhook::daemon {
namespace {

std::map<std::string, std::size_t> in_flight_of(const SharedList<Webhook>& webhooks)
{
    std::map<std::string, std::size_t> in_flight;
    for (const Webhook& webhook : webhooks)
        if (!webhook.is_waited_for())
            in_flight.emplace(webhook.name.str(), webhook.max_in_flight);
    return in_flight;
}

} // namespace

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
            .notifications = configuration.notifications,
            .in_flight = in_flight_of(configuration.webhooks)};
}

} // namespace dialhook::daemon
