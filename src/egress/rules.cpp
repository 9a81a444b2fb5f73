#include "egress/rules.hpp"

#include "base/host_name.hpp"
#include "egress/embedded.hpp"
#include "egress/special_purpose.hpp"

#include <algorithm>
#include <atomic>

namespace dialhook::egress {
namespace {

using boost::asio::ip::address;
using boost::asio::ip::address_v4;
using boost::asio::ip::address_v6;
using Entries = std::vector<Entry>;

const Entry* naming(const Entries& entries, std::string_view host)
{
    if (host.size() > 1 && host.back() == '.')
        host.remove_suffix(1);
    const auto found = std::find_if(entries.begin(), entries.end(),
                                    [&](const Entry& entry) { return !entry.network && entry.name == host; });
    return found == entries.end() ? nullptr : &*found;
}

const Entry* covering(const Entries& entries, const address& address)
{
    const auto found = std::find_if(entries.begin(), entries.end(), [&](const Entry& entry) {
        return entry.network && entry.network->contains(address);
    });
    return found == entries.end() ? nullptr : &*found;
}

/// Returns whether an entry was written for this form of IPv4 inside IPv6, and not for IPv6 as a whole.
bool opened_within(const Network& form, const Entries& allow, const address& address)
{
    return std::any_of(allow.begin(), allow.end(), [&](const Entry& entry) {
        return entry.network && form.contains(*entry.network) && entry.network->contains(address);
    });
}

/// Returns the built-in block that closes an address which is not unwrapped any further, unless `allow` opens it.
const SpecialBlock* closing_block(const Entries& allow, const address& address)
{
    const auto* block = special_block_of(address);
    if (block == nullptr || block->reachable || covering(allow, address) != nullptr)
        return nullptr;
    return block;
}

/// Completes a rule that looked at the IPv4 address inside the IPv6 one.
std::string inside_of(const address& dialled, const address& judged)
{
    return judged == dialled ? "" : " for the IPv4 address " + judged.to_string() + " in it";
}

Denial denied_by_entry(std::string subject, const Entry& entry, const std::string& detail = "")
{
    return {std::move(subject), "egress.deny " + entry.to_string() + detail,
            "it stays closed as long as egress.deny has that entry"};
}

Denial denied_by_block(const address& dialled, const address& judged, const SpecialBlock& block)
{
    auto rule = std::string(block.name) + " " + block.network.to_string() + " (" + std::string(block.source) + ")";
    rule += inside_of(dialled, judged);
    return {dialled.to_string(), std::move(rule), "egress.allow: [" + judged.to_string() + "] would open it"};
}

/// Numbers alone: the library would ask the system for the interface's name.
Denial denied_by_zone(const address_v6& address)
{
    return {address_v6(address.to_bytes()).to_string() + "%" + std::to_string(address.scope_id()), "its zone id",
            "an address with a zone id is never dialled"};
}

/// Programs do not agree which address such a name is (0177.0.0.1 is 127.0.0.1 to some, 177.0.0.1 to others), so none
/// of them is judged.
Denial denied_by_form(std::string_view host)
{
    return {std::string(host), "its form, which other programs take for an address",
            "write an address as four numbers from 0 to 255, such as 192.0.2.1"};
}

} // namespace

std::string Denial::sentence() const
{
    return subject + " is closed by " + rule + "; " + remedy;
}

namespace {

std::uint64_t next_edition()
{
    static std::atomic<std::uint64_t> latest{1};
    return ++latest;
}

} // namespace

Rules::Rules(std::vector<Entry> allow, std::vector<Entry> deny)
    : allow_(std::move(allow))
    , deny_(std::move(deny))
    , edition_(next_edition())
{
}

std::optional<Denial> Rules::judge(std::string_view host, const boost::asio::ip::address& address) const
{
    if (const auto* entry = naming(deny_, host))
        return denied_by_entry(std::string(host), *entry);
    if (address.is_v6() && address.to_v6().scope_id() != 0)
        return denied_by_zone(address.to_v6());
    if (const auto* entry = covering(deny_, address))
        return denied_by_entry(address.to_string(), *entry);

    const auto embedded = address.is_v6() ? embedded_v4(address.to_v6()) : std::nullopt;
    const std::optional<address_v4> inside[] = {embedded ? std::optional(embedded->address) : std::nullopt,
                                                embedded ? embedded->via_server : std::nullopt};
    for (const auto& v4 : inside)
        if (const auto* entry = v4 ? covering(deny_, *v4) : nullptr)
            return denied_by_entry(address.to_string(), *entry, inside_of(address, *v4));

    if (naming(allow_, host) != nullptr)
        return std::nullopt;

    if (!embedded) {
        const auto* block = closing_block(allow_, address);
        return block == nullptr ? std::nullopt : std::optional(denied_by_block(address, address, *block));
    }
    if (opened_within(*embedded->form, allow_, address))
        return std::nullopt;
    for (const auto& v4 : inside)
        if (const auto* block = v4 ? closing_block(allow_, *v4) : nullptr)
            return denied_by_block(address, *v4, *block);
    return std::nullopt;
}

std::optional<Denial> Rules::judge(std::string_view host) const
{
    boost::system::error_code not_an_address;
    const auto literal = boost::asio::ip::make_address(host, not_an_address);
    if (!not_an_address)
        return judge(host, literal);
    if (ends_in_a_number(host))
        return denied_by_form(host);
    if (const auto* entry = naming(deny_, host))
        return denied_by_entry(std::string(host), *entry);
    return std::nullopt;
}

} // namespace dialhook::egress
