#include "net/transport/race.hpp"

#include "net/loop/endpoint_text.hpp"
#include "net/loop/event.hpp"

#include <algorithm>
#include <list>
#include <memory>
#include <optional>

namespace dialhook::net {
namespace {

constexpr std::chrono::milliseconds attempt_delay{250};

bool is_out_of_resources(const error_code& error)
{
    return error == asio::error::no_descriptors || error == asio::error::no_memory ||
           error == boost::system::errc::too_many_files_open_in_system;
}

/// The attempts under way. Their handlers keep it alive.
struct Race : std::enable_shared_from_this<Race>
{
    explicit Race(asio::io_context& io_context)
        : context(io_context)
    {
    }

    void start(const asio::ip::tcp::endpoint& endpoint)
    {
        TcpSocket& socket = sockets.emplace_back(context);
        latest_failed = false;
        error_code error;
        socket.open(endpoint.protocol(), error);
        if (error) {
            lose(socket, endpoint, error);
            return;
        }
        ++pending;
        socket.async_connect(endpoint, [self = shared_from_this(), &socket, endpoint](error_code outcome) {
            --self->pending;
            if (self->over)
                return;
            if (outcome)
                self->lose(socket, endpoint, outcome);
            else
                self->winner = self->winner == nullptr ? &socket : self->winner;
            self->changed.set();
        });
    }

    void lose(const TcpSocket& socket, const asio::ip::tcp::endpoint& endpoint, const error_code& error)
    {
        latest_failed |= &socket == &sockets.back();
        failure = Failure{is_out_of_resources(error) ? FailureKind::resources : FailureKind::connect,
                          "cannot connect to " + text_of(endpoint) + ": " + error.message()};
    }

    void close()
    {
        over = true;
        for (TcpSocket& socket : sockets) {
            error_code ignored;
            socket.close(ignored);
        }
    }

    asio::io_context& context;
    std::list<TcpSocket> sockets;
    std::size_t pending = 0;
    bool latest_failed = false; ///< the attempt that was started last
    TcpSocket* winner = nullptr;
    Failure failure{FailureKind::connect, {}};
    bool over = false;
    Event changed;
};

struct CloseAtEnd
{
    std::shared_ptr<Race> race;
    ~CloseAtEnd() { race->close(); }
};

} // namespace

Awaitable<Result<TcpSocket>> connect_first(asio::io_context& context, TimerWheel& wheel,
                                           std::vector<asio::ip::tcp::endpoint> endpoints, Cancellation& cancellation)
{
    const auto race = std::make_shared<Race>(context);
    const CloseAtEnd close_at_end{race};
    const OnCancel on_cancel(cancellation, [race] { race->changed.set(); });
    FunctionTimer next_attempt([race] { race->changed.set(); });

    auto next = endpoints.begin();
    TimePoint next_at = Clock::now();
    while (true) {
        if (cancellation.requested())
            co_return Failure{FailureKind::cancelled, {}};
        if (race->winner != nullptr)
            co_return std::move(*race->winner);
        if (next == endpoints.end() && race->pending == 0)
            co_return race->failure;
        if (next != endpoints.end() && (race->pending == 0 || race->latest_failed || Clock::now() >= next_at)) {
            race->start(*next++);
            next_at = Clock::now() + attempt_delay;
            wheel.arm(next_attempt, next_at);
            continue;
        }
        co_await race->changed.wait();
    }
}

std::vector<asio::ip::address> interleaved(const std::vector<asio::ip::address>& addresses)
{
    std::vector<asio::ip::address> v6;
    std::vector<asio::ip::address> v4;
    for (const auto& address : addresses)
        (address.is_v6() ? v6 : v4).push_back(address);

    std::vector<asio::ip::address> ordered;
    for (std::size_t index = 0; index < std::max(v6.size(), v4.size()); ++index) {
        if (index < v6.size())
            ordered.push_back(v6[index]);
        if (index < v4.size())
            ordered.push_back(v4[index]);
    }
    return ordered;
}

} // namespace dialhook::net
