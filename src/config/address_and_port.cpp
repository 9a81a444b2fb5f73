#include "config/address_and_port.hpp"

#include <system_error>

#include <charconv>

namespace dialhook::config {
namespace {

std::optional<std::uint16_t> to_port(std::string_view text)
{
    std::uint16_t port = 0;
    const auto* const end = text.data() + text.size();
    const auto result = std::from_chars(text.data(), end, port);
    if (result.ec != std::errc() || result.ptr != end || port == 0)
        return std::nullopt;
    return port;
}

std::optional<AddressAndPort> joined(std::string_view host, std::optional<std::uint16_t> port)
{
    boost::system::error_code error;
    const auto address = boost::asio::ip::make_address(host, error);
    if (error || !port)
        return std::nullopt;
    return AddressAndPort{address, *port};
}

} // namespace

std::optional<AddressAndPort> parse_address_and_port(std::string_view text, std::optional<std::uint16_t> default_port)
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
            return joined(host, default_port);
        return rest.starts_with(':') ? joined(host, to_port(rest.substr(1))) : std::nullopt;
    }
    const auto colon = text.find(':');
    if (colon == std::string_view::npos || colon != text.rfind(':'))
        return joined(text, default_port);
    return joined(text.substr(0, colon), to_port(text.substr(colon + 1)));
}

} // namespace dialhook::config
