#include "daemon/admission.hpp"

#include "net/transport/peer.hpp"

#include <algorithm>
#include <cstdint>
#include <string>

namespace dialhook::daemon {

bool may_ask(net::UnixSocket& socket, const config::PeerSettings& allowed, log::Log& log)
{
    if (allowed.users.empty() && allowed.groups.empty())
        return true;
    const auto peer = net::peer_of(socket);
    const auto holds = [](const auto& list, auto value) {
        return std::find(list.begin(), list.end(), value) != list.end();
    };
    const bool may = peer && (holds(allowed.users, peer->user) ||
                              std::any_of(peer->groups.begin(), peer->groups.end(),
                                          [&](gid_t group) { return holds(allowed.groups, group); }));
    if (!may) {
        const std::int64_t user = peer ? static_cast<std::int64_t>(peer->user) : -1;
        log.write_summed(
            log::Level::warning,
            "engine refused: its user is not in server.allow_users, and none of its groups is in server.allow_groups",
            std::to_string(user), {{"uid", user}, {"pid", peer ? peer->process : -1}});
    }
    return may;
}

bool may_ask(net::asio::ip::address address, const config::FastAgiSettings& settings, log::Log& log)
{
    if (address.is_v6() && address.to_v6().is_v4_mapped())
        address = net::asio::ip::make_address_v4(net::asio::ip::v4_mapped, address.to_v6());
    const auto& allowed = settings.allow;
    if (std::any_of(allowed.begin(), allowed.end(), [&](const auto& network) { return network.contains(address); }))
        return true;
    const std::string from = address.to_string();
    log.write_summed(log::Level::warning, "FastAGI connection refused: its address is not in server.fastagi_allow",
                     from, {{"address", from}});
    return false;
}

} // namespace dialhook::daemon
