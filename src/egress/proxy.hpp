#pragma once

#include <cstdint>
#include <string>

namespace dialhook::egress {

/// `egress.proxy`: through whom all requests go. https is tunnelled with CONNECT, http is asked for in absolute form
/// (RFC 9110, 9.3.6; RFC 9112, 3.2.2). The proxy resolves names.
struct Proxy
{
    std::string host; ///< lower case; a name or a literal address
    std::uint16_t port = 3128;
    std::string authorization; ///< value of Proxy-Authorization, or empty; a secret

    bool operator==(const Proxy&) const = default;
};

} // namespace dialhook::egress
