#pragma once

#include "egress/network.hpp"

#include <boost/asio/ip/address.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Where requests may go. Pure: judges an address or a name, opens nothing.
namespace dialhook::egress {

/// Why an address or a name is refused.
struct Denial
{
    std::string subject; ///< what was judged: the address as it would be dialled, or the name
    std::string rule;    ///< what refused it: "private-use 10.0.0.0/8 (RFC 1918)", or "egress.deny 192.0.2.0/24"
    std::string remedy;  ///< what would open it, if anything: "egress.allow: [10.1.2.3] would open it"

    /// Returns a sentence for an operator: the address, the rule, and the setting that would open it, such as
    /// "10.1.2.3 is closed by private-use 10.0.0.0/8 (RFC 1918); egress.allow: [10.1.2.3] would open it".
    std::string sentence() const;

    bool operator==(const Denial&) const = default;
};

/// One entry of `egress.allow` or `egress.deny`: an address, a network, or an exact name.
struct Entry
{
    /// Returns nullopt if `text` is none of the three. No name: wildcards, letters beyond ASCII (write the xn-- form),
    /// and what looks like an address because its last label is a number ("10.20", "1.2.3.4.5", "0x7f.1"). A network of
    /// IPv4-mapped addresses (::ffff:10.0.0.0/104) becomes the IPv4 network that it is.
    static std::optional<Entry> parse(std::string_view text);

    /// Returns it as an operator would write it: "10.0.0.0/8", "::1", "crm.lan".
    std::string to_string() const;

    std::optional<Network> network; ///< absent: a name
    std::string name;               ///< lower case, without a trailing dot

    bool operator==(const Entry&) const = default;
};

/// The built-in rules and what the configuration opens and closes. Immutable, so any thread may judge.
///
/// Denied unless allowed: every block of the IANA special-purpose address registries that is not globally reachable,
/// multicast, site-local and the unspecified address. An IPv6 address with a zone id is always denied.
///
/// IPv4 inside IPv6 (mapped, compatible, 6to4, Teredo, 64:ff9b::/96) is judged as the IPv4 address in it, so entries on
/// an IPv4 network apply to it too. A Teredo address holds two, its server's and its client's; a relay sends packets to
/// both, so both must be open. An IPv6 entry in `allow` opens such an address only if all of the entry lies within that
/// form (64:ff9b::a00:0/104): ::/0 means IPv6 and does not open ::ffff:10.0.0.1. In `deny` every entry counts.
///
/// `deny` wins over `allow`. A name in `allow` opens every address that it resolves to, and no other name; a name in
/// `deny` closes that name, whatever it resolves to.
class Rules
{
public:
    Rules() = default;
    Rules(std::vector<Entry> allow, std::vector<Entry> deny);

    /// Judges the address that is about to be dialled for a request to `host` (lower case, as in the URL; a literal
    /// address when the URL has one). Returns nullopt if it may be dialled. Allocates only for a denial.
    std::optional<Denial> judge(std::string_view host, const boost::asio::ip::address& address) const;

    /// Judges a request to `host` that goes through a proxy, which resolves names itself: by its name, or as the
    /// literal address that it is. A name that ends in a number is denied: a proxy could take it for any address.
    std::optional<Denial> judge(std::string_view host) const;

    /// Tells rules from others that were made at another time, so that what they judged need not be judged again;
    /// copies have the same.
    std::uint64_t edition() const { return edition_; }

    /// Returns whether both say the same.
    bool operator==(const Rules& other) const { return allow_ == other.allow_ && deny_ == other.deny_; }

private:
    std::vector<Entry> allow_;
    std::vector<Entry> deny_;
    std::uint64_t edition_ = 1; ///< of the built-in rules alone
};

} // namespace dialhook::egress
