#pragma once

#include "net/loop/asio.hpp"
#include "net/transport/stream_socket.hpp"

#include <cstddef>
#include <memory>
#include <string_view>

namespace dialhook::net {

/// About how many bytes of one connection are read in a turn of the event loop, so that a web server that never stops
/// sending does not starve the others.
inline constexpr std::size_t max_in_a_turn = 64 * 1024;

/// Carries the bytes of a connection to a web server: plain TCP, or TLS over TCP.
class Transport
{
public:
    /// The connection, which owns the transport.
    class User
    {
    public:
        /// Takes `bytes`, never empty. May close the transport.
        virtual void received(std::string_view bytes) = 0;

        /// Takes the end of the input; asio::error::eof if it was orderly.
        virtual void ended(error_code error) = 0;

        /// Called after all available bytes were delivered: the exchange may go on.
        virtual void proceed() = 0;

    protected:
        ~User() = default;
    };

    Transport() = default;
    Transport(const Transport&) = delete;
    Transport& operator=(const Transport&) = delete;
    virtual ~Transport() = default;

    /// Starts to read, until the end.
    virtual void start(const std::shared_ptr<User>& user) = 0;

    /// Writes what fits without waiting, often everything. Returns how many bytes.
    virtual std::size_t write_at_once(std::string_view bytes) = 0;

    /// Waits until some of `bytes` is written. Returns how many; 0 if the transport is closed or broken.
    virtual Awaitable<std::size_t> write_some(std::string_view bytes) = 0;

    /// Sends what was held back to go out with the next request.
    virtual void push() = 0;

    /// Acknowledges at once what was received.
    virtual void acknowledge() = 0;

    /// Returns whether nothing undelivered has arrived, not even the end. `surely` as in StreamSocket.
    virtual bool is_silent(bool surely) = 0;

    /// Closes the transport and breaks off what is under way.
    virtual void close(Ending ending) = 0;
};

} // namespace dialhook::net
