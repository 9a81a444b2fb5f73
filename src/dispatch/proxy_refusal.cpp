#include "dispatch/proxy_refusal.hpp"

namespace dialhook::dispatch {

std::optional<net::Failure> refusal_of_proxy(const net::Target& target, int status)
{
    constexpr int proxy_authentication_required = 407;
    if (target.proxy == nullptr || status != proxy_authentication_required)
        return std::nullopt;
    return net::Failure{net::FailureKind::cut,
                        "the proxy " + target.proxy->host +
                            " wants credentials (407); put them into egress.proxy, http://USER:PASSWORD@…"};
}

} // namespace dialhook::dispatch
