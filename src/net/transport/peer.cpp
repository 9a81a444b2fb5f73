#include "net/transport/peer.hpp"

#include <sys/socket.h>

namespace dialhook::net {

std::optional<Peer> peer_of(UnixSocket& socket)
{
    ucred credentials{};
    socklen_t size = sizeof credentials;
    if (::getsockopt(socket.native_handle(), SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0)
        return std::nullopt;

    Peer peer{credentials.pid, credentials.uid, {credentials.gid}};
    std::vector<gid_t> supplementary(64);
    size = static_cast<socklen_t>(supplementary.size() * sizeof(gid_t));
    int outcome = ::getsockopt(socket.native_handle(), SOL_SOCKET, SO_PEERGROUPS, supplementary.data(), &size);
    if (outcome != 0 && errno == ERANGE) { // `size` says now how much it takes
        supplementary.resize(size / sizeof(gid_t));
        outcome = ::getsockopt(socket.native_handle(), SOL_SOCKET, SO_PEERGROUPS, supplementary.data(), &size);
    }
    if (outcome == 0)
        peer.groups.insert(peer.groups.end(), supplementary.begin(),
                           supplementary.begin() + static_cast<std::ptrdiff_t>(size / sizeof(gid_t)));
    return peer;
}

} // namespace dialhook::net
