#include "egress/rules.hpp"

#include <boost/asio/ip/address_v6.hpp>

#include <algorithm>

namespace dialhook::egress {
namespace {

bool is_digit(char character)
{
    return character >= '0' && character <= '9';
}

char lower(char character)
{
    return character >= 'A' && character <= 'Z' ? static_cast<char>(character - 'A' + 'a') : character;
}

bool is_label(std::string_view label)
{
    const auto fits = [](char character) {
        return (character >= 'a' && character <= 'z') || is_digit(character) || character == '-' || character == '_';
    };
    return !label.empty() && label.size() <= 63 && label.front() != '-' && label.back() != '-' &&
           std::all_of(label.begin(), label.end(), fits);
}

/// Whether resolvers could take a name that ends so for an IPv4 address in one of its old forms.
bool is_numeric(std::string_view label)
{
    return label.substr(0, 2) == "0x" || std::all_of(label.begin(), label.end(), is_digit);
}

std::optional<std::string> read_name(std::string_view text)
{
    std::string name(text);
    std::transform(name.begin(), name.end(), name.begin(), lower);
    if (!name.empty() && name.back() == '.')
        name.pop_back();
    if (name.size() > 253)
        return std::nullopt;

    std::string_view rest = name;
    while (true) {
        const auto dot = rest.find('.');
        const auto label = rest.substr(0, dot);
        if (!is_label(label))
            return std::nullopt;
        if (dot == std::string_view::npos)
            return is_numeric(label) ? std::nullopt : std::optional(std::move(name));
        rest.remove_prefix(dot + 1);
    }
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
