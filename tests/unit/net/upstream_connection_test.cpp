#include "net/http/upstream_connection.hpp"
#include "unit/net/coroutine.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace dialhook::net {
namespace {

constexpr std::string_view request = "GET / HTTP/1.1\r\n\r\n";
constexpr std::string_view reply = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/// A transport without a socket: the test says what arrives, and sees what is done.
class ScriptedTransport final : public Transport
{
public:
    explicit ScriptedTransport(std::string& log)
        : log_(log)
    {
    }

    void start(const std::shared_ptr<User>& user) override { user_ = user; }
    std::size_t write_at_once(std::string_view bytes) override
    {
        log_ += "write ";
        return std::min(bytes.size(), takes);
    }
    Awaitable<std::size_t> write_some(std::string_view bytes) override
    {
        co_await writable.until_set();
        co_return is_closed ? 0 : bytes.size();
    }
    void push() override {}
    void acknowledge() override { log_ += "acknowledge "; }
    bool is_silent(bool /*surely*/) override { return !is_closed && is_quiet; }
    void close(Ending ending) override
    {
        log_ += ending == Ending::reset ? "reset " : "close ";
        is_closed = true;
        writable.set();
    }

    void receive(std::string_view bytes) { user_.lock()->received(bytes); }
    void arrive(std::string_view bytes)
    {
        const auto user = user_.lock();
        user->received(bytes);
        user->proceed();
    }
    void end(error_code error)
    {
        const auto user = user_.lock();
        user->ended(error);
        user->proceed();
    }

    std::size_t takes = std::string_view::npos; ///< of a request, without a wait
    bool is_quiet = true;
    bool is_closed = false;
    Event writable;

private:
    std::string& log_;
    std::weak_ptr<User> user_;
};

/// The connection as a machine: one event after the other, and what it comes to.
class UpstreamConnectionTest : public testing::Test
{
protected:
    UpstreamConnectionTest()
    {
        auto scripted = std::make_unique<ScriptedTransport>(log);
        transport = scripted.get();
        connection =
            std::make_shared<UpstreamConnection>(std::move(scripted), asio::ip::tcp::endpoint{}, origin, wheel);
        connection->start();
    }
    ~UpstreamConnectionTest() override { connection->close(); }

    void begin()
    {
        outcome.clear();
        start(context, [this]() -> Awaitable<void> {
            const auto failure = co_await connection->exchange({target, request}, cancellation, timing);
            outcome =
                failure ? "failure " + std::to_string(static_cast<int>(failure->kind)) : connection->response().body;
        });
        run();
    }
    void run()
    {
        context.restart();
        context.poll();
    }
    void arrive(std::string_view bytes)
    {
        transport->arrive(bytes);
        run();
    }
    void end(error_code error)
    {
        transport->end(error);
        run();
    }
    void expect_failure(FailureKind kind) const
    {
        EXPECT_EQ(outcome, "failure " + std::to_string(static_cast<int>(kind)));
        EXPECT_FALSE(connection->is_open());
    }

    asio::io_context context;
    TimerWheel wheel{context};
    std::shared_ptr<PooledOrigin> origin = std::make_shared<PooledOrigin>(std::make_shared<ConnectionPool>(8));
    std::string log;
    ScriptedTransport* transport = nullptr;
    std::shared_ptr<UpstreamConnection> connection;
    Target target;
    Cancellation cancellation;
    Timing timing;
    std::string outcome;
};

TEST_F(UpstreamConnectionTest, AWholeReplyEndsTheExchangeAndTheConnectionServesTheNext)
{
    for (int exchange = 0; exchange < 3; ++exchange) {
        begin();
        EXPECT_EQ(outcome, "") << "nothing came yet";
        arrive(reply);
        EXPECT_EQ(outcome, "ok");
        EXPECT_TRUE(connection->is_reusable());
        connection->rest();
        EXPECT_EQ(origin->idle.size(), 1);
        const auto idle = std::exchange(origin->idle, {});
        EXPECT_TRUE(connection->wake(false));
    }
    EXPECT_EQ(log, "write write write ");
}

TEST_F(UpstreamConnectionTest, PartOfAReplyIsAcknowledgedAndTheRestWaitedFor)
{
    begin();
    arrive(reply.substr(0, reply.size() - 2));
    EXPECT_EQ(outcome, "");
    EXPECT_EQ(log, "write acknowledge ");
    arrive("ok");
    EXPECT_EQ(outcome, "ok");
}

TEST_F(UpstreamConnectionTest, TheEndBeforeAReplyIsAFailureToConnect)
{
    begin();
    end(asio::error::eof);
    expect_failure(FailureKind::connect);
}

TEST_F(UpstreamConnectionTest, TheEndWithinAReplyCutsIt)
{
    begin();
    arrive(reply.substr(0, 20));
    end(asio::error::connection_reset);
    expect_failure(FailureKind::cut);
}

TEST_F(UpstreamConnectionTest, OnlyAnOrderlyEndCompletesABodyWithoutALength)
{
    begin();
    arrive("HTTP/1.1 200 OK\r\n\r\nok");
    EXPECT_EQ(outcome, "");
    end(asio::error::eof);
    EXPECT_EQ(outcome, "ok");
    EXPECT_FALSE(connection->is_reusable());
}

TEST_F(UpstreamConnectionTest, ABrokenEndCompletesNothing)
{
    begin();
    arrive("HTTP/1.1 200 OK\r\n\r\nok");
    end(asio::error::connection_reset);
    expect_failure(FailureKind::cut);
}

TEST_F(UpstreamConnectionTest, WhatIsNotHttpIsRefused)
{
    begin();
    arrive("SSH-2.0-OpenSSH_9.2\r\n");
    expect_failure(FailureKind::bad_reply);
}

TEST_F(UpstreamConnectionTest, CancellationResetsIt)
{
    begin();
    arrive(reply.substr(0, 20));
    cancellation.request(CancelReason::deadline);
    run();
    expect_failure(FailureKind::cancelled);
    EXPECT_EQ(log, "write acknowledge reset ");
}

TEST_F(UpstreamConnectionTest, TheFirstOutcomeCounts)
{
    begin();
    transport->receive(reply);
    cancellation.request(CancelReason::deadline); // before the exchange goes on
    run();
    EXPECT_EQ(outcome, "ok");
    EXPECT_FALSE(connection->is_reusable());
}

TEST_F(UpstreamConnectionTest, AnAnswerBeforeTheWholeRequestBreaksOffTheWriteAndIsTaken)
{
    transport->takes = 5;
    begin();
    arrive(reply);
    EXPECT_EQ(outcome, "ok");
    EXPECT_FALSE(connection->is_open()) << "the web server would take the rest for the next request";
}

TEST_F(UpstreamConnectionTest, BytesThatNobodyAskedForCloseIt)
{
    begin();
    arrive(reply);
    connection->rest();
    arrive("HTTP/1.1 408 Request Timeout\r\n\r\n");
    EXPECT_FALSE(connection->is_open());
    EXPECT_TRUE(origin->idle.empty());
}

TEST_F(UpstreamConnectionTest, BytesBeyondTheReplyCloseItToo)
{
    begin();
    arrive(std::string(reply) + "!");
    EXPECT_EQ(outcome, "ok");
    EXPECT_FALSE(connection->is_reusable());
}

TEST_F(UpstreamConnectionTest, TheEndWhileIdleTakesItOutOfThePool)
{
    begin();
    arrive(reply);
    connection->rest();
    EXPECT_EQ(origin->pool->counts.idle.value(), 1);
    end(asio::error::eof);
    EXPECT_TRUE(origin->idle.empty());
    EXPECT_EQ(origin->pool->counts.idle.value(), 0);
    EXPECT_EQ(origin->pool->counts.open.value(), 0);
}

TEST_F(UpstreamConnectionTest, ARequestOnAClosedOneFailsAtOnce)
{
    connection->close();
    begin();
    expect_failure(FailureKind::connect);
}

} // namespace
} // namespace dialhook::net
