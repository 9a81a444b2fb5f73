#pragma once

#include "fastagi/environment.hpp"
#include "fastagi/reply.hpp"

#include <dialhook/net/asio.hpp>
#include <dialhook/net/gate.hpp>
#include <dialhook/net/stop.hpp>
#include <dialhook/net/timer_wheel.hpp>

#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace dialhook::fastagi {

/// The connection of one channel of Asterisk: a command goes out, its reply comes back, and a hang-up may come at any
/// time. Whoever owns it keeps it until `read` has returned.
class Channel
{
public:
    Channel(net::TcpSocket socket, net::TimerWheel& wheel);

    /// Reads all that comes until the connection ends. The owner runs it beside everything else.
    net::Awaitable<void> read();

    /// What Asterisk says of the channel; nothing if it does not come within `limit`, or is none.
    net::Awaitable<std::optional<Environment>> environment(std::chrono::milliseconds limit);

    /// One command, and its reply. After `limit` without a reply the connection is given up. One command at a time.
    net::Awaitable<Reply> command(std::string_view line, std::chrono::milliseconds limit);

    /// Nobody is on the line any more: hung up, or the connection ended.
    bool is_gone() const { return hung_up_ || closed_; }

    void close();

    /// While it lives, a hang-up requests `stop`.
    class Watch
    {
    public:
        Watch(Channel& channel, net::Stop& stop)
            : channel_(channel)
        {
            channel_.watched_ = &stop;
        }
        ~Watch() { channel_.watched_ = nullptr; }
        Watch(const Watch&) = delete;
        Watch& operator=(const Watch&) = delete;

    private:
        Channel& channel_;
    };

private:
    bool take(std::string_view bytes);
    bool take_line(std::string_view line);

    net::TcpSocket socket_;
    net::TimerWheel& wheel_;
    std::array<char, 2048> portion_;
    std::string input_; ///< the start of a line
    Environment environment_;
    bool environment_is_whole_ = false;
    std::string command_;
    ReplyReader reader_;
    std::optional<Reply> reply_;
    net::Gate changed_;
    net::Stop* watched_ = nullptr;
    bool hung_up_ = false;
    bool closed_ = false;
};

} // namespace dialhook::fastagi
