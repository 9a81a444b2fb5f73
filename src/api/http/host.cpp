#include "api/http/host.hpp"

#include "base/text.hpp"

#include <boost/asio/ip/address.hpp>

#include <algorithm>

namespace dialhook::status {
namespace {

/// Returns the host without its port; empty when there is no host.
std::string_view without_port(std::string_view host)
{
    const auto colon = host.rfind(':');
    if (colon == std::string_view::npos || host.ends_with(']'))
        return host;
    const bool is_port = host.find_first_not_of("0123456789", colon + 1) == std::string_view::npos;
    return is_port ? host.substr(0, colon) : std::string_view();
}

bool is_address(std::string_view name)
{
    boost::system::error_code error;
    if (name.starts_with('[') && name.ends_with(']'))
        static_cast<void>(boost::asio::ip::make_address_v6(name.substr(1, name.size() - 2), error));
    else
        static_cast<void>(boost::asio::ip::make_address_v4(name, error));
    return !error;
}

} // namespace

bool is_own_host(std::string_view host, const std::vector<std::string>& names)
{
    std::string_view name = without_port(host);
    if (name.ends_with('.'))
        name.remove_suffix(1);
    const auto is_name = [&](std::string_view own) { return text::equals_ignoring_case(name, own); };
    return !name.empty() && (is_address(name) || is_name("localhost") || std::ranges::any_of(names, is_name));
}

} // namespace dialhook::status
