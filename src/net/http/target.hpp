#pragma once

#include "egress/proxy.hpp"
#include "net/transport/tls_context.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace dialhook::net {

/// Whom to connect to. Connections and TLS sessions are shared by what has the same target.
struct Target
{
    std::string host; ///< lower case; a name or a literal address
    std::uint16_t port = 80;
    std::shared_ptr<const TlsContext> tls;                ///< null: plain HTTP
    std::shared_ptr<const egress::Proxy> proxy = nullptr; ///< null: directly

    bool operator==(const Target&) const = default;

    struct Hash
    {
        std::size_t operator()(const Target& target) const
        {
            return std::hash<std::string>{}(target.host) ^ target.port ^ std::hash<const void*>{}(target.tls.get());
        }
    };
};

} // namespace dialhook::net
