#include "unit/net/nats_server.hpp"

#include "unit/net/coroutine.hpp"

#include <boost/asio/write.hpp>

#include <array>
#include <iterator>
#include <sstream>

namespace dialhook::net {

Awaitable<void> NatsPeer::say(std::string text)
{
    co_await asio::async_write(socket_, asio::buffer(text), as_result);
}

Awaitable<bool> NatsPeer::read_some()
{
    std::array<char, 4096> bytes{};
    const auto [error, size] = co_await socket_.async_read_some(asio::buffer(bytes), as_result);
    read_.append(bytes.data(), size);
    co_return !error;
}

Awaitable<std::string> NatsPeer::bytes(std::size_t size)
{
    while (read_.size() < size) {
        const bool is_open = co_await read_some();
        if (!is_open)
            break;
    }
    std::string taken = read_.substr(0, size);
    read_.erase(0, size);
    co_return taken;
}

Awaitable<std::string> NatsPeer::line()
{
    while (read_.find("\r\n") == std::string::npos) {
        const bool is_open = co_await read_some();
        if (!is_open)
            co_return "";
    }
    const std::size_t end = read_.find("\r\n");
    std::string taken = read_.substr(0, end);
    read_.erase(0, end + 2);
    co_return taken;
}

Awaitable<std::string> NatsPeer::greet(std::string info)
{
    co_await say("INFO " + info + "\r\n");
    std::string connect = co_await line();
    co_await line(); // SUB
    co_await line(); // PING
    co_return connect;
}

Awaitable<void> NatsPeer::let_in()
{
    co_await greet();
    co_await say("PONG\r\n");
}

Awaitable<NatsPeer::Published> NatsPeer::publication()
{
    Published published;
    std::istringstream command(co_await line());
    std::string name;
    std::size_t header_size = 0;
    std::size_t size = 0;
    command >> name >> published.subject >> published.inbox >> header_size >> size;
    published.headers = co_await bytes(header_size);
    published.body = co_await bytes(size - header_size);
    co_await bytes(2);
    co_return published;
}

Awaitable<void> NatsPeer::answer(std::string inbox, std::string payload)
{
    co_await say("MSG " + inbox + " 1 " + std::to_string(payload.size()) + "\r\n" + payload + "\r\n");
}

Awaitable<void> NatsPeer::acknowledge(Published published, int sequence, bool is_duplicate)
{
    co_await answer(published.inbox, R"({"stream":"CALLS","seq":)" + std::to_string(sequence) +
                                         (is_duplicate ? R"(,"duplicate":true})" : "}"));
}

void NatsPeer::close()
{
    error_code ignored;
    socket_.close(ignored);
}

NatsServer::NatsServer(asio::io_context& context)
    : acceptor_(context, {asio::ip::make_address("127.0.0.1"), 0})
{
    start(context, [this] { return serve(); });
}

NatsServer& NatsServer::then(Script script)
{
    scripts_.push_back(std::move(script));
    if (next_ == scripts_.end())
        next_ = std::prev(scripts_.end());
    return *this;
}

void NatsServer::stop()
{
    acceptor_.close();
    for (NatsPeer& peer : peers_)
        peer.close();
}

Awaitable<void> NatsServer::serve()
{
    while (acceptor_.is_open()) {
        auto [error, socket] = co_await acceptor_.async_accept(as_result);
        if (error)
            co_return;
        NatsPeer& peer = peers_.emplace_back(std::move(socket));
        if (next_ != scripts_.end())
            asio::co_spawn(acceptor_.get_executor(), (*next_++)(peer), [](const std::exception_ptr& thrown) {
                if (thrown)
                    std::rethrow_exception(thrown);
            });
    }
}

} // namespace dialhook::net
