#pragma once

#include <cstdint>
#include <string>
#include <string_view>

/// What a client says. The caller has made sure that subjects and message ids hold neither blanks nor control
/// characters.
namespace dialhook::nats {

inline constexpr std::string_view ping = "PING\r\n";
inline constexpr std::string_view pong = "PONG\r\n";

/// Who we are. All empty: a server without accounts.
struct Login
{
    std::string user;
    std::string password; ///< secret
    std::string token;    ///< secret

    bool operator==(const Login&) const = default;
};

/// Appends CONNECT: no `+OK` for each command, headers, and word of subjects that nobody listens to (`no_responders`).
void append_connect(std::string& out, const Login& login);

/// Appends SUB.
void append_subscribe(std::string& out, std::string_view subject, std::uint64_t subscription);

/// One message to publish.
struct Publication
{
    std::string_view subject;
    std::string_view message_id; ///< `Nats-Msg-Id`, by which JetStream drops what it has got before
    std::string_view headers;    ///< further header lines, each with CR LF; empty: none
    std::string_view body;
};

/// Appends HPUB; the acknowledgement is to come to `reply_to`.
void append_publish(std::string& out, const Publication& publication, std::string_view reply_to);

/// Returns how many bytes of `publication` count for the server's `max_payload`.
std::size_t payload_size(const Publication& publication);

} // namespace dialhook::nats
