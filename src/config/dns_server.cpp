#include "config/dns_server.hpp"

#include "config/address_and_port.hpp"

#include <cstdint>

namespace dialhook::config {
namespace {

using boost::asio::ip::udp;

constexpr std::uint16_t dns_port = 53;

} // namespace

std::optional<udp::endpoint> parse_dns_server(std::string_view text)
{
    const auto parsed = parse_address_and_port(text, dns_port);
    return parsed ? std::optional(udp::endpoint(parsed->address, parsed->port)) : std::nullopt;
}

std::optional<udp::endpoint> read_dns_server(const Value& value)
{
    constexpr std::string_view expected =
        "the address of a name server, such as 127.0.0.1, 127.0.0.1:5353, ::1 or [::1]:5353";
    const auto text = value.text(expected);
    if (!text)
        return std::nullopt;
    auto server = parse_dns_server(*text);
    if (!server)
        value.unexpected(expected);
    return server;
}

} // namespace dialhook::config
