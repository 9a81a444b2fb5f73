#include "config/egress_section.hpp"

#include "webhook/authority.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace dialhook::config {
namespace {

constexpr std::string_view expected = "an address, a network such as 10.20.0.0/16, or a name such as crm.lan";

/// Returns what was probably meant by a text that is no entry.
std::string remedy(std::string_view text)
{
    if (text.find("://") != std::string_view::npos)
        return "; write the host alone, without scheme and path";
    if (text.find('*') != std::string_view::npos)
        return "; names are exact, so list each one";
    if (const auto network = egress::Network::parse_clearing_host_bits(text))
        return "; the address has bits set after the first " + std::to_string(network->prefix_length()) +
               ", so write " + network->to_string() + " or the address alone";
    if (const auto slash = text.find('/'); slash != std::string_view::npos) {
        const auto address = egress::Network::parse(text.substr(0, slash));
        if (!address)
            return "; the part before the slash is not a complete address";
        return std::string("; the part after the slash is a number of bits from 0 to ") +
               (address->is_v4() ? "32" : "128");
    }
    if (text.starts_with('['))
        return "; write an IPv6 address without brackets";
    if (const auto colon = text.find(':'); colon != std::string_view::npos && colon == text.rfind(':'))
        return "; rules hold for every port, so leave the port out";
    return {};
}

void read_entries(const Value& value, std::vector<egress::Entry>& entries)
{
    entries.clear();
    value.each_item("a list, such as [10.20.0.0/16, crm.lan]", [&](const Value& item) {
        const auto text = item.text(expected);
        if (!text)
            return;
        if (auto entry = egress::Entry::parse(*text))
            entries.push_back(std::move(*entry));
        else
            item.unexpected(std::string(expected) + remedy(*text));
    });
}

/// Errors do not show its user info.
void read_proxy(const Value& value, EgressLists& lists)
{
    constexpr std::string_view form = "expected http://HOST:PORT or http://USER:PASSWORD@HOST:PORT";
    constexpr std::string_view scheme = "http://";
    const auto text = value.text("http://HOST:PORT");
    if (!text)
        return;
    std::string_view rest = *text;
    if (!rest.starts_with(scheme))
        return value.fault(form);
    rest.remove_prefix(scheme.size());
    if (rest.ends_with('/'))
        rest.remove_suffix(1);
    const auto authority = read_authority(false, rest);
    if (!authority || rest.find_first_of("/?#") != std::string_view::npos)
        return value.fault(form);
    const bool has_port = rest.substr(rest.rfind('@') + 1).rfind(':') != std::string_view::npos;
    const std::uint16_t port = has_port ? authority->origin.port : egress::Proxy().port;
    lists.proxy =
        std::make_shared<const egress::Proxy>(egress::Proxy{authority->origin.host, port, authority->authorization});
}

KeyTable<EgressLists> make_egress_keys()
{
    KeyTable<EgressLists> keys;
    keys.key({"allow", "list", "none", "addresses, networks, names",
              "Where requests may go although denied by default; a name opens every address that it resolves to."},
             [](const Value& value, EgressLists& lists) { read_entries(value, lists.allow); });
    keys.key({"deny", "list", "none", "addresses, networks, names",
              "Where requests may not go although allowed by default or by `allow`."},
             [](const Value& value, EgressLists& lists) { read_entries(value, lists.deny); });
    keys.key({"proxy", "URL", "none", "http",
              "HTTP proxy that all requests go through; its credentials may stand in the URL. It resolves names, so "
              "rules on "
              "addresses hold for literal addresses alone."},
             read_proxy);
    return keys;
}

} // namespace

const KeyTable<EgressLists>& egress_keys()
{
    static const auto keys = make_egress_keys();
    return keys;
}

} // namespace dialhook::config
