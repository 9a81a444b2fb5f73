#pragma once

#include "net/loop/asio.hpp"
#include "net/transport/stream_socket.hpp"

#include <cstddef>
#include <memory>
#include <string_view>

namespace dialhook::net {

/// So much is read of one connection in a turn of the event loop, about: a web server that never stops to send must not
/// keep the others waiting.
inline constexpr std::size_t max_in_a_turn = 64 * 1024;

/// What carries the bytes of a connection to a web server: TCP alone, or TLS on it.
class Transport
{
public:
    /// The connection. It owns its wire.
    class User
    {
    public:
        /// Never empty. May close the wire.
        virtual void received(std::string_view bytes) = 0;

        /// Nothing comes any more; asio::error::eof: in an orderly way.
        virtual void ended(error_code error) = 0;

        /// All that was there has been told; who waits for it may go on.
        virtual void proceed() = 0;

    protected:
        ~User() = default;
    };

    Transport() = default;
    Transport(const Transport&) = delete;
    Transport& operator=(const Transport&) = delete;
    virtual ~Transport() = default;

    /// Reads from now on until the end.
    virtual void start(const std::shared_ptr<User>& user) = 0;

    /// Writes what can be written without a wait, often all of it.
    virtual std::size_t write_at_once(std::string_view bytes) = 0;

    /// Waits until a part of `bytes` is written. 0: it cannot be any more.
    virtual Awaitable<std::size_t> write_some(std::string_view bytes) = 0;

    /// No request follows for now: sends what was held back to go out with one.
    virtual void push() = 0;

    /// Has the web server know at once that what it sent has come.
    virtual void acknowledge() = 0;

    /// Whether nothing has come that was not told of yet, not even the end. `surely`: as StreamSocket has it.
    virtual bool is_silent(bool surely) = 0;

    /// Breaks off what is under way.
    virtual void close(Ending ending) = 0;
};

} // namespace dialhook::net
