#include "base/ascii.hpp"
#include "base/host_name.hpp"
#include "egress/rules.hpp"

#include <boost/asio/ip/address_v6.hpp>

namespace dialhook::egress {
namespace {

std::optional<std::string> read_name(std::string_view text)
{
    if (!is_host_name(text, HostNames::underscores))
        return std::nullopt;
    std::string name = ascii::lowered(text.ends_with('.') ? text.substr(0, text.size() - 1) : text);
    return ends_in_a_number(name) ? std::nullopt : std::optional(std::move(name));
}

/// ::ffff:10.0.0.0/104 and 10.0.0.0/8 are the same hosts: a rule on one must be a rule on the other.
Network without_mapping(const Network& network)
{
    constexpr unsigned mapping = 96;
    if (network.is_v4() || network.prefix_length() < mapping || !network.address().to_v6().is_v4_mapped())
        return network;

    const auto v4 = boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, network.address().to_v6());
    const auto length = network.prefix_length() - mapping;
    return Network::parse(v4.to_string() + "/" + std::to_string(length)).value();
}

} // namespace

std::optional<Entry> Entry::parse(std::string_view text)
{
    if (const auto network = Network::parse(text))
        return Entry{without_mapping(*network), {}};
    if (auto name = read_name(text))
        return Entry{std::nullopt, std::move(*name)};
    return std::nullopt;
}

std::string Entry::to_string() const
{
    return network ? network->to_string() : name;
}

} // namespace dialhook::egress
