#include "daemon/acceptor.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <chrono>
#include <optional>

namespace dialhook::daemon {
namespace {

constexpr std::chrono::milliseconds pause_without_descriptors{50};

/// At the limit each call that ends lets one engine in and the next one wait again: no reason for a line each time.
constexpr std::chrono::minutes between_complaints{1};

} // namespace

template <class Protocol>
Acceptor<Protocol>::Acceptor(net::asio::io_context& context, const Protocol& protocol, int listening, Adopt adopt,
                             log::Log& log)
    : acceptor_(context, protocol, listening)
    , pause_(context)
    , adopt_(std::move(adopt))
    , log_(log)
{
    net::asio::co_spawn(context.get_executor(), accept(), net::asio::detached);
}

template <class Protocol>
void Acceptor<Protocol>::close()
{
    net::error_code ignored;
    acceptor_.close(ignored);
    pause_.cancel();
}

template <class Protocol>
net::Awaitable<void> Acceptor<Protocol>::accept()
{
    std::optional<std::chrono::steady_clock::time_point> complained;
    while (acceptor_.is_open()) {
        Socket peer(acceptor_.get_executor());
        const auto [error] = co_await acceptor_.async_accept(peer, net::as_result);
        if (!error) {
            adopt_(std::move(peer));
            continue;
        }
        if (!acceptor_.is_open() || error == net::asio::error::operation_aborted)
            co_return;
        const auto now = std::chrono::steady_clock::now();
        if (!complained || now - *complained >= between_complaints) {
            complained = now;
            log_.write(log::Level::error, "cannot accept a connection; raise LimitNOFILE= if descriptors ran out",
                       {{"detail", error.message()}});
        }
        pause_.expires_after(pause_without_descriptors);
        co_await pause_.async_wait(net::as_result);
    }
}

template class Acceptor<net::asio::local::stream_protocol>;
template class Acceptor<net::asio::ip::tcp>;

} // namespace dialhook::daemon
