#pragma once

#include "egress/rules.hpp"
#include "net/dns/resolver.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace dialhook::net {

/// Returns nullopt if `host` is a name.
std::optional<asio::ip::address> literal_address(const std::string& host);

/// Returns the address that `host` is, or those that its name resolves to, within `connect_timeout`.
Awaitable<Result<Addresses>> addresses_of(Resolver& resolver, const std::string& host,
                                          std::chrono::milliseconds connect_timeout, Cancellation& cancellation);

/// Returns those of `addresses` of `host` that `rules` allow, or why none is allowed.
Result<Addresses> permitted(Addresses addresses, const std::string& host, const egress::Rules& rules);

/// Returns the endpoints in the order in which they are tried.
std::vector<asio::ip::tcp::endpoint> endpoints_of(const Addresses& addresses, std::uint16_t port);

} // namespace dialhook::net
