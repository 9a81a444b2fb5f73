#pragma once

#include <cstdint>
#include <string>

namespace dialhook {

/// Scheme, host and port (RFC 6454): whom a request goes to.
struct Origin
{
    bool https = false;
    std::string host; ///< lower case; a name, an IPv4 address, or an IPv6 address without its brackets
    std::uint16_t port = 80;

    bool operator==(const Origin&) const = default;

    /// Returns it as the Host header has it: brackets around IPv6, the port unless it is the scheme's own.
    std::string authority() const;
};

} // namespace dialhook
