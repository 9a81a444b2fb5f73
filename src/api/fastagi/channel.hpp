#pragma once

#include "api/fastagi/command.hpp"
#include "api/fastagi/environment.hpp"
#include "api/fastagi/reply.hpp"
#include "net/loop/asio.hpp"
#include "net/loop/cancellation.hpp"
#include "net/loop/event.hpp"
#include "net/loop/timer_wheel.hpp"

#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace dialhook::fastagi {

/// Asterisk answers so soon to a command that the caller does not hear.
constexpr std::chrono::seconds at_once{5};

/// The connection of one channel of Asterisk: a command goes out, its reply comes back, and a hang-up may come at any
/// time. Whoever owns it keeps it until `read` has returned.
class Channel
{
public:
    Channel(net::TcpSocket socket, net::TimerWheel& wheel);

    /// Reads all that comes until the connection ends. The owner runs it beside everything else.
    net::Awaitable<void> read();

    /// Returns what Asterisk says of the channel, or nullopt if it does not come within `limit`.
    net::Awaitable<std::optional<AgiEnvironment>> environment(std::chrono::milliseconds limit);

    /// Sends one command and returns its reply. After `limit` without a reply the connection is given up. One command
    /// at a time.
    net::Awaitable<AgiReply> command(Command command, std::chrono::milliseconds limit);

    /// Sends a last command and closes the connection: Asterisk carries it out without us.
    net::Awaitable<void> leave_with(Command command);

    /// Returns whether the call is over: hung up, or the connection ended.
    bool is_gone() const { return hung_up_ || closed_; }

    /// Returns why the connection was given up, for the log; empty if it is open, or Asterisk or the caller ended it.
    std::string_view fault() const { return fault_; }

    void close() { close({}); }

    /// While it lives, a hang-up requests `cancellation`.
    class Watch
    {
    public:
        Watch(Channel& channel, net::Cancellation& cancellation)
            : channel_(channel)
        {
            channel_.watched_ = &cancellation;
        }
        ~Watch() { channel_.watched_ = nullptr; }
        Watch(const Watch&) = delete;
        Watch& operator=(const Watch&) = delete;

    private:
        Channel& channel_;
    };

private:
    void take(std::string_view bytes);
    void take_line(std::string_view line);
    void take_environment(std::string_view line);
    void take_reply(std::string_view line);
    void hang_up();
    void close(std::string_view fault);

    net::TcpSocket socket_;
    net::TimerWheel& wheel_;
    std::array<char, 2048> portion_;
    std::string input_; ///< the start of a line
    AgiEnvironment environment_;
    bool environment_is_whole_ = false;
    bool came_to_empty_line_ = false; ///< of the environment; it is the end if no more of it has come
    bool ends_with_hang_up_ = false;  ///< the environment, as far as it has come
    AgiReplyReader reader_;
    unsigned skipped_lines_ = 0; ///< since the last reply
    std::optional<AgiReply> reply_;
    net::Event changed_;
    net::Cancellation* watched_ = nullptr;
    bool hung_up_ = false;
    bool closed_ = false;
    std::string_view fault_;
};

} // namespace dialhook::fastagi
