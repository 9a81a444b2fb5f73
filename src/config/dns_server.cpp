#include "config/dns_server.hpp"

#include <boost/asio/ip/address.hpp>
#include <system_error>

#include <charconv>
#include <cstdint>
#include <string>

namespace dialhook::config {
namespace {

using boost::asio::ip::udp;

constexpr std::uint16_t dns_port = 53;

std::optional<std::uint16_t> to_port(std::string_view text)
{
    std::uint16_t port = 0;
    const auto* const end = text.data() + text.size();
    const auto result = std::from_chars(text.data(), end, port);
    if (result.ec != std::errc() || result.ptr != end || port == 0)
        return std::nullopt;
    return port;
}

std::optional<udp::endpoint> endpoint(std::string_view host, std::string_view port_text)
{
    boost::system::error_code error;
    const auto address = boost::asio::ip::make_address(host, error);
    const auto port = port_text.empty() ? std::optional(dns_port) : to_port(port_text);
    if (error || !port)
        return std::nullopt;
    return udp::endpoint(address, *port);
}

} // namespace

std::optional<udp::endpoint> parse_dns_server(std::string_view text)
{
    if (text.find('\0') != std::string_view::npos) // the library would stop reading there
        return std::nullopt;
    if (text.starts_with('[')) {
        const auto close = text.find(']');
        if (close == std::string_view::npos || text.find(':') > close)
            return std::nullopt;
        const auto host = text.substr(1, close - 1);
        const auto rest = text.substr(close + 1);
        if (rest.empty())
            return endpoint(host, {});
        return rest.starts_with(':') && rest.size() > 1 ? endpoint(host, rest.substr(1)) : std::nullopt;
    }
    const auto colon = text.find(':');
    if (colon == std::string_view::npos || colon != text.rfind(':'))
        return endpoint(text, {});
    return colon + 1 < text.size() ? endpoint(text.substr(0, colon), text.substr(colon + 1)) : std::nullopt;
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
