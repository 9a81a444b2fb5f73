#include "config/listeners.hpp"

#include "config/address_and_port.hpp"
#include "config/paths.hpp"

#include <string>

namespace dialhook::config {
namespace {

using boost::asio::ip::address;
using boost::asio::ip::tcp;

/// An IPv4 address in IPv6's clothes is what the kernel takes it for.
address plain(const address& any)
{
    const bool is_mapped = any.is_v6() && any.to_v6().is_v4_mapped();
    return is_mapped ? boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, any.to_v6()) : any;
}

/// `[::]` takes IPv4 in as well.
bool takes_in(const address& one, const address& other)
{
    return one == other || (one.is_unspecified() && (one.is_v6() || other.is_v4()));
}

/// Returns the value of `key`, or of `other` where the file says nothing of it.
Value place_of(const Value& server, std::string_view key, std::string_view other)
{
    const auto entry = server.entry(key);
    return entry ? *entry : *server.entry(other);
}

struct Listener
{
    std::string_view key;
    const std::optional<tcp::endpoint>& address;
};

void check_apart(const Value& server, const Listener& one, const Listener& other)
{
    if (!one.address || !other.address || !overlap(*one.address, *other.address))
        return;
    std::string fault("`");
    fault.append(one.key).append("` and `").append(other.key).append("` have port ");
    fault += std::to_string(other.address->port());
    fault += " of one address, expected two; choose another port for one of them";
    place_of(server, other.key, one.key).fault(fault);
}

} // namespace

void read_listen(const Value& value, std::string_view expected, std::optional<tcp::endpoint>& listen)
{
    const auto text = value.text(expected);
    if (!text)
        return;
    if (const auto parsed = parse_address_and_port(*text))
        listen.emplace(parsed->address, parsed->port);
    else
        value.unexpected(expected);
}

bool overlap(const tcp::endpoint& one, const tcp::endpoint& other)
{
    const auto first = plain(one.address());
    const auto second = plain(other.address());
    return one.port() == other.port() && (takes_in(first, second) || takes_in(second, first));
}

void check_listeners(const Value& server, const ServerSettings& settings)
{
    if (real_place(settings.socket) == real_place(settings.control))
        place_of(server, "control", "socket")
            .fault("`socket` and `control` are the same path, expected two; dialplan engines and dialhookctl each have "
                   "a socket of their own");
    const Listener fastagi{"fastagi", settings.fastagi.listen};
    const Listener http{"http", settings.http.listen};
    const Listener engine_http{"engine_http", settings.engine_http.listen};
    check_apart(server, fastagi, http);
    check_apart(server, fastagi, engine_http);
    check_apart(server, http, engine_http);
}

} // namespace dialhook::config
