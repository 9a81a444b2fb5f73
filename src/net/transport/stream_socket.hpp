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
    /// TCP: with RST instead of FIN, for an exchange that is broken off. The peer learns at once that its reply is not
    /// wanted, and the kernel neither waits for its FIN nor keeps the port for a minute.
    reset
};

/// A connected stream socket registered with a `Poller`. No call blocks: the user reads and writes what is possible,
/// and gets a callback when that changes.
class StreamSocket final : private Poller::Watcher
{
public:
    /// User of the socket. Outlives it.
    class User
    {
    public:
        /// Handles a socket that may be readable, or writable again. May destroy the socket.
        virtual void ready(bool to_read, bool to_write) = 0;

    protected:
        ~User() = default;
    };

    /// Takes over `descriptor` and makes it non-blocking. If that fails, the socket is closed from the start.
    StreamSocket(Poller& poller, int descriptor, User& user);
    ~StreamSocket() { close(); }
    StreamSocket(const StreamSocket&) = delete;
    StreamSocket& operator=(const StreamSocket&) = delete;

    bool is_open() const { return descriptor_ >= 0; }

    /// Returns whether a read may find something.
    bool may_be_read() const { return may_be_read_; }

    /// Returns whether nothing is unread, not even the end. Misses what arrives while the poller dispatches, unless
    /// `surely`, which costs a system call.
    bool is_silent(bool surely) const;

    /// Returns whether the peer has closed both directions and so reads no answers (EPOLLHUP of a Unix socket).
    bool has_hung_up() const { return has_hung_up_; }

    /// Reads once. Returns no bytes and no error if nothing was there; asio::error::eof at the end.
    std::size_t read(std::span<char> into, error_code& error);

    /// Calls the user again in another turn of the event loop. For a user that stops before all is read, so that a peer
    /// that never stops sending does not starve the others.
    void read_on_later() { poller_.again(*this); }

    /// Writes what fits.
    std::size_t write(std::string_view bytes, error_code& error);

    /// Calls the user once when the socket is writable.
    void await_room();

    /// TCP: acknowledges what was read at once, not with the next write or after 40 ms (tcp(7), TCP_QUICKACK).
    void acknowledge();

    /// Shuts the reading side down: what has arrived is still read, and then the end.
    void stop_reading();

    void close(Ending ending = Ending::orderly);

private:
    void on_ready(std::uint32_t events) override;

    Poller& poller_;
    User& user_;
    int descriptor_;
    bool may_be_read_ = false;
    bool is_ending_ = false; ///< an end or an error follows what can be read
    bool has_hung_up_ = false;
    bool awaits_room_ = false;
};

} // namespace dialhook::net
