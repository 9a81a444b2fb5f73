#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

/// The client's half of the NATS protocol, without a socket
/// (https://docs.nats.io/reference/reference-protocols/nats-protocol).
namespace dialhook::nats {

inline constexpr std::string_view line_end = "\r\n";

/// What a server says of itself: first thing on a connection, and again when something changes.
struct Info
{
    std::string version; ///< fit for a log
    std::size_t max_payload = 1024 * 1024;
    bool has_headers = false;  ///< understands HPUB (2.2 and later)
    bool requires_tls = false; ///< TLS comes next
    bool offers_tls = false;   ///< TLS may come next
    bool is_lame_duck = false; ///< is about to shut down: others should be used

    bool operator==(const Info&) const = default;
};

/// A message for one of our subscriptions.
struct Message
{
    std::string subject;
    std::uint64_t subscription = 0;
    std::string headers; ///< as they came, from `NATS/1.0` to the empty line; empty: none
    std::string payload;

    bool operator==(const Message&) const = default;
};

struct Ping
{
    bool operator==(const Ping&) const = default;
};
struct Pong
{
    bool operator==(const Pong&) const = default;
};
struct Ok
{
    bool operator==(const Ok&) const = default;
};

/// `-ERR`. Most of them are the last thing before the server closes the connection.
struct ServerError
{
    std::string text; ///< without its quotes, fit for a log

    bool operator==(const ServerError&) const = default;
};

using ServerMessage = std::variant<Info, Message, Ping, Pong, Ok, ServerError>;

} // namespace dialhook::nats
