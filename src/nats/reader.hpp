#pragma once

#include "nats/server_message.hpp"

#include <boost/system/result.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace dialhook::nats {

/// Turns bytes of a server into messages, whatever their portions. Holds no more than one message and what came with
/// it.
class Reader
{
public:
    static constexpr std::size_t max_line = 32 * 1024;      ///< of a command; INFO names the servers of a cluster
    static constexpr std::size_t max_message = 1024 * 1024; ///< headers and payload together

    /// Takes what came.
    void feed(std::string_view bytes);

    /// Returns the next message; nullopt: it is not whole yet; an error: what came is not the protocol, and this says
    /// why, for a sentence such as "127.0.0.1:4222 sent …". Nothing can be read after an error.
    boost::system::result<std::optional<ServerMessage>, std::string_view> next();

    /// Returns whether everything that came was read.
    bool is_empty() const { return bytes_.size() == start_ && !message_; }

private:
    /// A message whose headers and payload are yet to come.
    struct Announced
    {
        Message message;
        std::size_t header_size = 0;
        std::size_t size = 0; ///< of headers and payload
    };

    std::optional<ServerMessage> read_line();
    std::optional<ServerMessage> read_command(std::string_view line);
    std::optional<ServerMessage> announce(std::string_view arguments, bool has_headers);
    std::optional<ServerMessage> read_body();
    std::optional<ServerMessage> refuse(std::string_view fault);
    void compact();

    std::string bytes_;
    std::size_t start_ = 0;   ///< of what is unread
    std::size_t scanned_ = 0; ///< so far there is no end of the line
    std::optional<Announced> message_;
    std::string_view fault_;
};

} // namespace dialhook::nats
