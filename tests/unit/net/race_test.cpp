#include "net/transport/race.hpp"
#include "unit/net/coroutine.hpp"

#include <boost/asio/post.hpp>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <list>
#include <optional>
#include <string>
#include <vector>

namespace dialhook::net {
namespace {

using asio::ip::tcp;
using std::chrono::milliseconds;
using Acceptor = asio::basic_socket_acceptor<tcp, Executor>;

std::vector<asio::ip::address> addresses(std::initializer_list<const char*> texts)
{
    std::vector<asio::ip::address> all;
    for (const char* const text : texts)
        all.push_back(asio::ip::make_address(text));
    return all;
}

TEST(Interleaved, TakesBothFamiliesInTurn)
{
    EXPECT_EQ(interleaved({}), addresses({}));
    EXPECT_EQ(interleaved(addresses({"10.0.0.1", "10.0.0.2"})), addresses({"10.0.0.1", "10.0.0.2"}));
    EXPECT_EQ(interleaved(addresses({"2001:db8::2", "2001:db8::1"})), addresses({"2001:db8::2", "2001:db8::1"}));
    EXPECT_EQ(interleaved(addresses({"10.0.0.1", "2001:db8::1"})), addresses({"2001:db8::1", "10.0.0.1"}));
    EXPECT_EQ(interleaved(addresses({"10.0.0.2", "10.0.0.1", "10.0.0.3", "2001:db8::1"})),
              addresses({"2001:db8::1", "10.0.0.2", "10.0.0.1", "10.0.0.3"}));
    EXPECT_EQ(interleaved(addresses({"2001:db8::1", "2001:db8::2", "2001:db8::3", "10.0.0.1", "10.0.0.2"})),
              addresses({"2001:db8::1", "10.0.0.1", "2001:db8::2", "10.0.0.2", "2001:db8::3"}));
    EXPECT_EQ(interleaved(addresses({"::ffff:10.0.0.1", "10.0.0.1"})), addresses({"::ffff:10.0.0.1", "10.0.0.1"}));
}

/// Real sockets on the loopback network; each web server has an address of its own on one port.
class Race : public testing::Test
{
protected:
    /// A web server that answers.
    tcp::endpoint listening(const char* address)
    {
        Acceptor& acceptor = bound(address);
        acceptor.listen();
        return acceptor.local_endpoint();
    }

    /// A port that nobody listens on: it is bound, so nobody else will.
    tcp::endpoint refusing(const char* address) { return bound(address).local_endpoint(); }

    /// A web server whose queue is full: the kernel drops what asks to connect.
    tcp::endpoint silent(const char* address)
    {
        Acceptor& acceptor = bound(address);
        acceptor.listen(0);
        for (int count = 0; count < 4; ++count) {
            TcpSocket& filler = fillers_.emplace_back(context);
            filler.open(tcp::v4());
            filler.native_non_blocking(true);
            const tcp::endpoint server = acceptor.local_endpoint();
            // Asio's own would wait.
            static_cast<void>(::connect(filler.native_handle(), server.data(), static_cast<socklen_t>(server.size())));
        }
        return acceptor.local_endpoint();
    }

    /// `connected to …`, or what the failure says.
    std::string race(std::vector<tcp::endpoint> endpoints)
    {
        start(context, [&]() -> Awaitable<void> {
            const auto socket = co_await connect_first(context, wheel, std::move(endpoints), cancellation);
            outcome = socket ? "connected" : socket.error().detail;
            if (socket)
                peer = socket->remote_endpoint();
            else
                kind = socket.error().kind;
            wheel.close();
        });
        context.run();
        return outcome;
    }

    asio::io_context context;
    TimerWheel wheel{context};
    Cancellation cancellation;
    std::string outcome = "no outcome";
    std::optional<tcp::endpoint> peer;
    std::optional<FailureKind> kind;

private:
    Acceptor& bound(const char* address)
    {
        Acceptor& acceptor = acceptors_.emplace_back(context);
        acceptor.open(tcp::v4());
        acceptor.bind({asio::ip::make_address(address), 0});
        return acceptor;
    }

    std::list<Acceptor> acceptors_;
    std::list<TcpSocket> fillers_;
};

TEST_F(Race, TheFirstThatAnswersWins)
{
    const auto first = listening("127.0.0.1");
    const auto second = listening("127.0.0.2");
    EXPECT_EQ(race({first, second}), "connected");
    EXPECT_EQ(peer, first);
}

/// The wheel is closed, so that nothing but the refusal can start the second one.
TEST_F(Race, ARefusalStartsTheNextAtOnce)
{
    wheel.close();
    const auto last = listening("127.0.0.3");
    EXPECT_EQ(race({refusing("127.0.0.1"), refusing("127.0.0.2"), last}), "connected");
    EXPECT_EQ(peer, last);
}

TEST_F(Race, WhenAllRefuseTheLastOneIsNamed)
{
    const auto first = refusing("127.0.0.1");
    const auto last = refusing("127.0.0.2");
    EXPECT_EQ(race({first, last}),
              "cannot connect to 127.0.0.2:" + std::to_string(last.port()) + ": Connection refused");
    EXPECT_EQ(kind, FailureKind::connect);
}

TEST_F(Race, AnAddressThatCannotBeDialledIsAFailureLikeAnother)
{
    const auto last = listening("127.0.0.2");
    const tcp::endpoint multicast(asio::ip::make_address("255.255.255.255"), 80);
    EXPECT_EQ(race({multicast, last}), "connected");
    EXPECT_EQ(peer, last);
}

TEST_F(Race, ASilentOneHoldsTheNextByAQuarterOfASecond)
{
    const auto silent_one = silent("127.0.0.1");
    const auto next = listening("127.0.0.2");
    const TimePoint started_at = Clock::now();
    EXPECT_EQ(race({silent_one, next}), "connected");
    EXPECT_EQ(peer, next);
    EXPECT_GE(Clock::now() - started_at, milliseconds(250));
}

/// RFC 8305, 5: a failed attempt starts the next one, whatever else is still under way. The wheel is closed before it
/// could start the third.
TEST_F(Race, ARefusalBesideASilentOneStartsTheNextAtOnce)
{
    FunctionTimer close_the_wheel([&] { wheel.close(); });
    wheel.arm(close_the_wheel, Clock::now() + milliseconds(300));
    const std::vector<tcp::endpoint> endpoints{silent("127.0.0.1"), refusing("127.0.0.2"), listening("127.0.0.3")};
    SteadyTimer much_later(context, std::chrono::seconds(5));
    much_later.async_wait([&](error_code error) {
        if (!error)
            cancellation.request(CancelReason::deadline);
    });
    start(context, [&]() -> Awaitable<void> {
        const auto socket = co_await connect_first(context, wheel, endpoints, cancellation);
        outcome = socket ? "connected" : "stopped";
        much_later.cancel();
    });
    context.run();
    EXPECT_EQ(outcome, "connected");
}

TEST_F(Race, AStopEndsItAtOnce)
{
    const auto silent_one = silent("127.0.0.1");
    asio::post(context, [&] { asio::post(context, [&] { cancellation.request(CancelReason::abandoned); }); });
    EXPECT_EQ(race({silent_one, silent_one}), "");
    EXPECT_EQ(kind, FailureKind::cancelled);
}

TEST_F(Race, ADeadlineEndsIt)
{
    const auto silent_one = silent("127.0.0.1");
    const Deadline deadline(wheel, cancellation, Clock::now() + milliseconds(20));
    EXPECT_EQ(race({silent_one}), "");
    EXPECT_EQ(kind, FailureKind::cancelled);
    EXPECT_EQ(cancellation.reason(), CancelReason::deadline);
}

} // namespace
} // namespace dialhook::net
