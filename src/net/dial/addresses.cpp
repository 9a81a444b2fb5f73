#include "net/dial/addresses.hpp"

#include "net/transport/race.hpp"

#include <algorithm>

namespace dialhook::net {
namespace {

constexpr std::chrono::milliseconds max_dns_patience{500};

} // namespace

std::optional<asio::ip::address> literal_address(const std::string& host)
{
    error_code not_an_address;
    const auto address = asio::ip::make_address(host, not_an_address);
    return not_an_address ? std::nullopt : std::optional(address);
}

Awaitable<Result<Addresses>> addresses_of(Resolver& resolver, const std::string& host,
                                          std::chrono::milliseconds connect_timeout, Cancellation& cancellation)
{
    if (const auto literal = literal_address(host))
        co_return Addresses{*literal};
    const auto patience = std::min(max_dns_patience, connect_timeout / 4);
    auto addresses = co_await resolver.resolve(host, patience, cancellation);
    co_return addresses;
}

Result<Addresses> permitted(Addresses addresses, const std::string& host, const egress::Rules& rules)
{
    std::optional<egress::Denial> denial;
    std::erase_if(addresses, [&](const asio::ip::address& address) {
        auto denied = rules.judge(host, address);
        const bool is_denied = denied.has_value();
        if (is_denied && !denial)
            denial = std::move(denied);
        return is_denied;
    });
    if (addresses.empty() && denial)
        return Failure{FailureKind::egress, denial->sentence()};
    return addresses;
}

std::vector<asio::ip::tcp::endpoint> endpoints_of(const Addresses& addresses, std::uint16_t port)
{
    std::vector<asio::ip::tcp::endpoint> endpoints;
    for (const auto& address : interleaved(addresses))
        endpoints.emplace_back(address, port);
    return endpoints;
}

} // namespace dialhook::net
