#include "egress/embedded.hpp"

#include <cstddef>
#include <string_view>

namespace dialhook::egress {
namespace {

using boost::asio::ip::address_v4;
using boost::asio::ip::address_v6;

address_v4 four_bytes(const address_v6::bytes_type& bytes, std::size_t first, unsigned char mask = 0)
{
    const auto byte = [&](std::size_t index) { return static_cast<unsigned char>(bytes[first + index] ^ mask); };
    return address_v4({byte(0), byte(1), byte(2), byte(3)});
}

Network block(std::string_view text)
{
    return Network::parse(text).value();
}

} // namespace

std::optional<EmbeddedV4> embedded_v4(const address_v6& address)
{
    static const auto mapped = block("::ffff:0:0/96");    // RFC 4291 2.5.5.2
    static const auto compatible = block("::/96");        // RFC 4291 2.5.5.1, deprecated
    static const auto translated = block("64:ff9b::/96"); // RFC 6052
    static const auto six_to_four = block("2002::/16");   // RFC 3056
    static const auto teredo = block("2001::/32"); // RFC 4380: server, flags, port, then the client's bits flipped

    const auto bytes = address.to_bytes();
    for (const auto* form : {&mapped, &translated})
        if (form->contains(address))
            return EmbeddedV4{form, four_bytes(bytes, 12), {}};
    if (six_to_four.contains(address))
        return EmbeddedV4{&six_to_four, four_bytes(bytes, 2), {}};
    if (teredo.contains(address))
        return EmbeddedV4{&teredo, four_bytes(bytes, 12, 0xff), four_bytes(bytes, 4)};
    if (compatible.contains(address) && !address.is_unspecified() && !address.is_loopback())
        return EmbeddedV4{&compatible, four_bytes(bytes, 12), {}};
    return std::nullopt;
}

} // namespace dialhook::egress
