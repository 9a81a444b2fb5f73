#pragma once

#include "net/loop/poller.hpp"

#include <cstddef>
#include <span>
#include <string_view>

namespace dialhook::net {

/// How a socket is closed.
enum class Ending : unsigned char
{
    orderly,
    /// TCP: with RST instead of FIN. For what is broken off: a peer that is still at work learns at once that nobody
    /// waits, and the kernel is through with it; neither waits for the peer's FIN nor keeps the port for a minute.
    reset
};

/// A connected stream socket that a `Poller` tells of. Nothing in it waits: who reads and writes looks at what there
/// is, and is told when that changes.
class StreamSocket final : private Poller::Watcher
{
public:
    /// Who uses the socket, and outlives it.
    class User
    {
    public:
        /// There may be something to read, or there is room to write again. May destroy the socket.
        virtual void ready(bool to_read, bool to_write) = 0;

    protected:
        ~User() = default;
    };

    /// Takes over `descriptor`, and makes it non-blocking. When that fails, the socket is closed from the start.
    StreamSocket(Poller& poller, int descriptor, User& user);
    ~StreamSocket() { close(); }
    StreamSocket(const StreamSocket&) = delete;
    StreamSocket& operator=(const StreamSocket&) = delete;

    bool is_open() const { return descriptor_ >= 0; }

    /// Whether a read may find something.
    bool may_be_read() const { return may_be_read_; }

    /// Whether nothing lies in it unread, not even its end. What came while this look's arrivals were told may be
    /// missed, unless `surely`, which costs a system call.
    bool is_silent(bool surely) const;

    /// Whether the peer has closed both ways, and so reads no answers (EPOLLHUP of a Unix socket).
    bool has_hung_up() const { return has_hung_up_; }

    /// Reads once. Nothing and no error: there was nothing. The end is asio::error::eof.
    std::size_t read(std::span<char> into, error_code& error);

    /// The user is told again, in another turn of the event loop. For who stops although more may be read: a peer that
    /// never stops to send must not keep the others waiting.
    void read_on_later() { poller_.again(*this); }

    /// Writes what there is room for.
    std::size_t write(std::string_view bytes, error_code& error);

    /// The user is told once when there is room.
    void await_room();

    /// TCP: acknowledges what was read now, rather than with what is written next or after 40 ms (tcp(7),
    /// TCP_QUICKACK).
    void acknowledge();

    /// Nothing that comes from now on is read; what has come is, and then the end.
    void stop_reading();

    void close(Ending ending = Ending::orderly);

private:
    void on_ready(std::uint32_t events) override;

    Poller& poller_;
    User& user_;
    int descriptor_;
    bool may_be_read_ = false;
    bool is_ending_ = false; ///< an end or an error is behind what can be read
    bool has_hung_up_ = false;
    bool awaits_room_ = false;
};

} // namespace dialhook::net
