#include "egress/special_purpose.hpp"

#include <algorithm>
#include <vector>

namespace dialhook::egress {
namespace {

constexpr bool closed = false;
constexpr bool open = true;

struct Row
{
    std::string_view network;
    std::string_view name;
    std::string_view source;
    bool reachable;
};

// iana.org/assignments/iana-ipv4-special-registry and iana-ipv6-special-registry, as of October 2025, in their order.
// Not here: the blocks that hold IPv4 inside IPv6, since embedded.cpp takes the IPv4 address out of them. Added: blocks
// that other registries reserve. A block whose reachability is N/A (given up again) is closed.
constexpr Row rows[] = {
    {"0.0.0.0/8", "this network", "RFC 791", closed},
    {"0.0.0.0/32", "this host on this network", "RFC 1122", closed},
    {"10.0.0.0/8", "private-use", "RFC 1918", closed},
    {"100.64.0.0/10", "shared address space", "RFC 6598", closed},
    {"127.0.0.0/8", "loopback", "RFC 1122", closed},
    {"169.254.0.0/16", "link-local", "RFC 3927", closed},
    {"172.16.0.0/12", "private-use", "RFC 1918", closed},
    {"192.0.0.0/24", "IETF protocol assignments", "RFC 6890", closed},
    {"192.0.0.0/29", "IPv4 service continuity prefix", "RFC 7335", closed},
    {"192.0.0.8/32", "IPv4 dummy address", "RFC 7600", closed},
    {"192.0.0.9/32", "Port Control Protocol anycast", "RFC 7723", open},
    {"192.0.0.10/32", "TURN anycast", "RFC 8155", open},
    {"192.0.0.170/32", "NAT64/DNS64 discovery", "RFC 8880", closed},
    {"192.0.0.171/32", "NAT64/DNS64 discovery", "RFC 8880", closed},
    {"192.0.2.0/24", "documentation (TEST-NET-1)", "RFC 5737", closed},
    {"192.31.196.0/24", "AS112-v4", "RFC 7535", open},
    {"192.52.193.0/24", "AMT", "RFC 7450", open},
    {"192.88.99.0/24", "deprecated 6to4 relay anycast", "RFC 7526", closed},
    {"192.88.99.2/32", "6a44 relay anycast", "RFC 6751", closed},
    {"192.168.0.0/16", "private-use", "RFC 1918", closed},
    {"192.175.48.0/24", "direct delegation AS112 service", "RFC 7534", open},
    {"198.18.0.0/15", "benchmarking", "RFC 2544", closed},
    {"198.51.100.0/24", "documentation (TEST-NET-2)", "RFC 5737", closed},
    {"203.0.113.0/24", "documentation (TEST-NET-3)", "RFC 5737", closed},
    {"240.0.0.0/4", "reserved", "RFC 1112", closed},
    {"255.255.255.255/32", "limited broadcast", "RFC 919", closed},

    {"::1/128", "loopback address", "RFC 4291", closed},
    {"::/128", "unspecified address", "RFC 4291", closed},
    {"64:ff9b:1::/48", "IPv4-IPv6 translation", "RFC 8215", closed},
    {"100::/64", "discard-only address block", "RFC 6666", closed},
    {"100:0:0:1::/64", "dummy IPv6 prefix", "RFC 9780", closed},
    {"2001::/23", "IETF protocol assignments", "RFC 2928", closed},
    {"2001:1::1/128", "Port Control Protocol anycast", "RFC 7723", open},
    {"2001:1::2/128", "TURN anycast", "RFC 8155", open},
    {"2001:1::3/128", "DNS-SD Service Registration Protocol anycast", "RFC 9665", open},
    {"2001:2::/48", "benchmarking", "RFC 5180", closed},
    {"2001:3::/32", "AMT", "RFC 7450", open},
    {"2001:4:112::/48", "AS112-v6", "RFC 7535", open},
    {"2001:10::/28", "deprecated ORCHID", "RFC 4843", closed},
    {"2001:20::/28", "ORCHIDv2", "RFC 7343", open},
    {"2001:30::/28", "drone remote ID entity tags", "RFC 9374", open},
    {"2001:db8::/32", "documentation", "RFC 3849", closed},
    {"2620:4f:8000::/48", "direct delegation AS112 service", "RFC 7534", open},
    {"3fff::/20", "documentation", "RFC 9637", closed},
    {"5f00::/16", "segment routing (SRv6) SIDs", "RFC 9602", closed},
    {"fc00::/7", "unique-local", "RFC 4193", closed},
    {"fe80::/10", "link-local unicast", "RFC 4291", closed},

    {"224.0.0.0/4", "multicast", "RFC 5771", closed},
    {"fec0::/10", "deprecated site-local", "RFC 3879", closed},
    {"ff00::/8", "multicast", "RFC 4291", closed},
};

/// Returns the rows of one family, the longest prefix first, so that the first one that matches decides.
std::vector<SpecialBlock> blocks(bool v4)
{
    std::vector<SpecialBlock> result;
    for (const auto& row : rows) {
        const auto network = Network::parse(row.network);
        if (network.value().is_v4() == v4)
            result.push_back({*network, row.name, row.source, row.reachable});
    }
    std::stable_sort(result.begin(), result.end(), [](const auto& left, const auto& right) {
        return left.network.prefix_length() > right.network.prefix_length();
    });
    return result;
}

} // namespace

const SpecialBlock* special_block_of(const boost::asio::ip::address& address)
{
    static const auto v4 = blocks(true);
    static const auto v6 = blocks(false);

    for (const auto& block : address.is_v4() ? v4 : v6)
        if (block.network.contains(address))
            return &block;
    return nullptr;
}

} // namespace dialhook::egress
