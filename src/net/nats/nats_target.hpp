#pragma once

#include "nats/commands.hpp"
#include "net/transport/tls_context.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace dialhook::net {

/// Servers of one NATS system, and how to get in.
struct NatsTarget
{
    struct Server
    {
        std::string host; ///< lower case; a name or a literal address
        std::uint16_t port = 4222;

        bool operator==(const Server&) const = default;
    };

    std::vector<Server> servers; ///< at least one; tried in turn
    nats::Login login;
    std::shared_ptr<const TlsContext> tls; ///< for a server that requires TLS; null: such a server is a failure
    bool tls_is_required = false;          ///< a server that does not offer TLS is a failure

    bool operator==(const NatsTarget&) const = default;
};

/// How often things happen. The defaults are what the daemon has; tests have less patience.
struct NatsPace
{
    std::chrono::milliseconds ping_every{30'000};
    unsigned max_unanswered_pings = 2;        ///< the connection is closed when the next is due
    std::chrono::milliseconds backoff{1'000}; ///< between two attempts to connect
};

} // namespace dialhook::net
