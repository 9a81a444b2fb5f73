#pragma once

#include "net/loop/asio.hpp"

#include <sys/types.h>

#include <optional>
#include <vector>

namespace dialhook::net {

/// Who is at the other end of a Unix socket, as the kernel knows it since the connection was made (SO_PEERCRED and
/// SO_PEERGROUPS, unix(7)).
struct Peer
{
    pid_t process;
    uid_t user;
    std::vector<gid_t> groups; ///< the primary one first
};

/// Returns nullopt if the kernel does not say.
std::optional<Peer> peer_of(UnixSocket& socket);

} // namespace dialhook::net
