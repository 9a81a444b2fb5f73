#include "net/transport/plain_transport.hpp"

#include "net/loop/released.hpp"

#include <utility>

namespace dialhook::net {

PlainTransport::PlainTransport(Poller& poller, TcpSocket socket)
    : socket_(poller, released(std::move(socket)), *this)
{
}

std::size_t PlainTransport::write_at_once(std::string_view bytes)
{
    error_code what_is_read_decides; // the web server may have answered before it closed
    return socket_.write(bytes, what_is_read_decides);
}

Awaitable<std::size_t> PlainTransport::write_some(std::string_view bytes)
{
    while (socket_.is_open()) {
        error_code error;
        const std::size_t written = socket_.write(bytes, error);
        if (written != 0 || error)
            co_return written;
        socket_.await_room();
        co_await room_.wait();
    }
    co_return 0;
}

void PlainTransport::close(Ending ending)
{
    socket_.close(ending);
    room_.set();
}

void PlainTransport::ready([[maybe_unused]] bool to_read, bool to_write)
{
    const auto user = user_.lock();
    if (to_write)
        room_.set();
    for (std::size_t turn = 0; socket_.may_be_read();) {
        if (turn >= max_in_a_turn) {
            socket_.read_on_later();
            break;
        }
        error_code error;
        const std::size_t size = socket_.read(buffer_.room(), error);
        if (error)
            user->ended(error);
        if (size != 0) {
            user->received(buffer_.read(size));
            buffer_.fit(size);
            turn += size;
        }
    }
    user->proceed();
}

} // namespace dialhook::net
