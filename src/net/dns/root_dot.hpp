#pragma once

#include <string>

namespace dialhook::net {

/// Returns `host` without the dot at its end, which only says that the name is absolute. Certificates and the hosts
/// file do not have it, and SNI must not (RFC 6066, 3).
inline std::string without_root_dot(const std::string& host)
{
    return host.size() > 1 && host.back() == '.' ? host.substr(0, host.size() - 1) : host;
}

} // namespace dialhook::net
