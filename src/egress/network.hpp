#pragma once

#include <boost/asio/ip/address.hpp>

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace dialhook::egress {

/// A block of addresses of one family: 10.0.0.0/8, 2001:db8::/32, or a single address. A value; no host bit is set.
class Network
{
public:
    /// Reads "10.0.0.0/8", "192.0.2.1", "fc00::/7" or "::1"; an address alone is a network of that one address. Nothing
    /// for another text: short or octal forms of IPv4, a zone id, brackets, a prefix length with a leading zero or too
    /// long, or host bits that are set ("10.1.2.3/8"), since such a text may mean the address or the network.
    static std::optional<Network> parse(std::string_view text);

    /// Reads the same, but clears host bits: for the hint of an error message about a text that `parse` refused
    /// ("10.1.2.3/8 has host bits set; is 10.0.0.0/8 meant?"). Returns nullopt if it is wrong in another way.
    static std::optional<Network> parse_clearing_host_bits(std::string_view text);

    /// Returns the network of this one address; a zone id is not part of it.
    static Network of(const boost::asio::ip::address& address);

    /// Returns whether the address lies in this network. The families are apart: ::ffff:10.0.0.1 is not in 10.0.0.0/8
    /// (who wants that unwraps first), and a zone id does not matter.
    bool contains(const boost::asio::ip::address& address) const;

    /// Returns whether all of `other` lies in this network.
    bool contains(const Network& other) const;

    bool is_v4() const { return !v6_; }

    /// Bits of the address that are fixed: 0 to 32, or 0 to 128.
    unsigned prefix_length() const { return length_; }

    /// Returns the lowest address.
    boost::asio::ip::address address() const;

    /// Returns it as `parse` reads it, without the prefix length of a single address: "10.0.0.0/8", "::1".
    std::string to_string() const;

    bool operator==(const Network&) const = default;

private:
    using Bytes = std::array<unsigned char, 16>; // IPv4 in the first four, then zeros

    Network(const Bytes& bytes, unsigned length, bool v6);

    Bytes bytes_;
    unsigned char length_;
    bool v6_;
};

} // namespace dialhook::egress
