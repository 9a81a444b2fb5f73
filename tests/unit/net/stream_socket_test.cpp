#include "net/transport/stream_socket.hpp"

#include <boost/asio/error.hpp>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace dialhook::net {
namespace {

/// A socket of the daemon and its peer's end.
class Pair final : public StreamSocket::User
{
public:
    explicit Pair(Poller& poller)
    {
        if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends_.data()) != 0)
            throw std::runtime_error("no pair of sockets");
        socket.emplace(poller, ends_[0], *this);
    }
    ~Pair() { hang_up(); }
    Pair(const Pair&) = delete;
    Pair& operator=(const Pair&) = delete;

    void peer_sends(std::string_view bytes) const
    {
        ASSERT_EQ(::send(ends_[1], bytes.data(), bytes.size(), MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size()));
    }
    void peer_ends() const { ::shutdown(ends_[1], SHUT_WR); }
    void hang_up()
    {
        if (ends_[1] >= 0)
            ::close(std::exchange(ends_[1], -1));
    }
    std::size_t peer_reads_all() const
    {
        std::array<char, 65536> bytes{};
        std::size_t total = 0;
        for (ssize_t size = 0; (size = ::recv(ends_[1], bytes.data(), bytes.size(), MSG_DONTWAIT)) > 0;)
            total += static_cast<std::size_t>(size);
        return total;
    }

    /// Whether the daemon's end is closed.
    bool sees_the_end() const
    {
        char byte = 0;
        const ssize_t size = ::recv(ends_[1], &byte, 1, MSG_PEEK | MSG_DONTWAIT);
        return size == 0 || (size < 0 && errno == ECONNRESET);
    }

    /// Writes until there is no room left; how much that was.
    std::size_t fill()
    {
        const std::string bytes(65536, 'x');
        std::size_t total = 0;
        error_code trouble;
        while (const std::size_t written = socket->write(bytes, trouble))
            total += written;
        EXPECT_FALSE(trouble);
        return total;
    }

    std::string read(std::size_t size = 256)
    {
        std::string bytes(size, '\0');
        bytes.resize(socket->read(bytes, error));
        return bytes;
    }

    std::optional<StreamSocket> socket;
    std::string told;
    std::function<void()> when_told;
    error_code error;

private:
    void ready(bool to_read, bool to_write) override
    {
        told += to_read ? "r" : "";
        told += to_write ? "w" : "";
        if (when_told)
            when_told();
    }

    std::array<int, 2> ends_{};
};

class StreamSocketTest : public testing::Test
{
protected:
    void turn()
    {
        context.restart();
        context.poll();
    }

    asio::io_context context{1};
    Poller poller{context};
};

TEST_F(StreamSocketTest, TellsOnceOfWhatCame)
{
    Pair pair(poller);
    turn();
    EXPECT_EQ(pair.told, "");
    pair.peer_sends("one");
    turn();
    turn();
    EXPECT_EQ(pair.told, "r");
    EXPECT_EQ(pair.read(), "one");
    EXPECT_FALSE(pair.socket->may_be_read());
    pair.peer_sends("two");
    turn();
    EXPECT_EQ(pair.told, "rr");
    EXPECT_EQ(pair.read(), "two");
}

TEST_F(StreamSocketTest, AFilledBufferMayHaveMoreBehindIt)
{
    Pair pair(poller);
    pair.peer_sends("abcdef");
    turn();
    EXPECT_EQ(pair.read(3), "abc");
    EXPECT_TRUE(pair.socket->may_be_read());
    EXPECT_EQ(pair.read(3), "def");
    EXPECT_TRUE(pair.socket->may_be_read());
    EXPECT_EQ(pair.read(3), "");
    EXPECT_FALSE(pair.socket->may_be_read());
    EXPECT_FALSE(pair.error);
}

TEST_F(StreamSocketTest, TheEndIsReadBehindTheLastBytes)
{
    Pair pair(poller);
    pair.peer_sends("last");
    pair.peer_ends();
    turn();
    EXPECT_EQ(pair.read(), "last");
    EXPECT_TRUE(pair.socket->may_be_read());
    EXPECT_EQ(pair.read(), "");
    EXPECT_EQ(pair.error, asio::error::eof);
    EXPECT_FALSE(pair.socket->may_be_read());
    EXPECT_FALSE(pair.socket->has_hung_up()) << "it still wants its answers";
}

TEST_F(StreamSocketTest, APeerThatClosedHasHungUp)
{
    Pair pair(poller);
    pair.peer_sends("last");
    pair.hang_up();
    turn();
    EXPECT_TRUE(pair.socket->has_hung_up());
    EXPECT_EQ(pair.read(), "last");
    EXPECT_EQ(pair.read(), "");
    EXPECT_EQ(pair.error, asio::error::eof);
    pair.error = {};
    EXPECT_EQ(pair.socket->write("answer", pair.error), 0U);
    EXPECT_EQ(pair.error, asio::error::broken_pipe);
}

TEST_F(StreamSocketTest, IsSilentUntilSomethingComes)
{
    Pair pair(poller);
    turn();
    EXPECT_TRUE(pair.socket->is_silent(false));
    pair.peer_sends("x");
    EXPECT_FALSE(pair.socket->is_silent(false)) << "nobody was told yet";
    turn();
    EXPECT_FALSE(pair.socket->is_silent(false)) << "nobody has read it";
    EXPECT_EQ(pair.read(), "x");
    EXPECT_TRUE(pair.socket->is_silent(false));
    pair.peer_ends();
    EXPECT_FALSE(pair.socket->is_silent(false));
    turn();
    EXPECT_FALSE(pair.socket->is_silent(false));
    pair.socket->close();
    EXPECT_FALSE(pair.socket->is_silent(false));
}

/// What an engine sends after a web server has closed a connection must not go out on that connection.
TEST_F(StreamSocketTest, ThoseThatAreToldKnowWhatCameBefore)
{
    Pair web(poller);
    Pair engine(poller);
    turn();
    bool was_silent = true;
    engine.when_told = [&] { was_silent = web.socket->is_silent(false); };
    web.peer_ends();
    engine.peer_sends("call");
    turn();
    EXPECT_EQ(engine.told, "r");
    EXPECT_FALSE(was_silent);
}

/// The engine's second call was sent after the web server's end, and is read with its first one, which came before.
TEST_F(StreamSocketTest, ACloserLookFindsWhatHasNotBeenToldYet)
{
    Pair engine(poller);
    Pair web(poller);
    turn();
    bool seemed_silent = false;
    bool was_silent = true;
    engine.when_told = [&] {
        seemed_silent = web.socket->is_silent(false);
        was_silent = web.socket->is_silent(true);
    };
    engine.peer_sends("call");
    web.peer_ends();
    engine.peer_sends("call");
    turn();
    EXPECT_TRUE(seemed_silent);
    EXPECT_FALSE(was_silent);
}

TEST_F(StreamSocketTest, TellsOnceOfRoom)
{
    Pair pair(poller);
    const std::size_t filled = pair.fill();
    ASSERT_GT(filled, 0U);
    pair.socket->await_room();
    pair.socket->await_room();
    turn();
    EXPECT_EQ(pair.told, "");
    EXPECT_EQ(pair.peer_reads_all(), filled);
    turn();
    EXPECT_EQ(pair.told, "w");
    EXPECT_GT(pair.fill(), 0U);
    pair.peer_reads_all();
    turn();
    EXPECT_EQ(pair.told, "w") << "nobody asked";
}

TEST_F(StreamSocketTest, WhoAwaitsRoomHearsOfAPeerThatIsGone)
{
    Pair pair(poller);
    pair.fill();
    pair.socket->await_room();
    pair.hang_up();
    turn();
    EXPECT_EQ(pair.told.substr(0, 2), "rw");
    EXPECT_EQ(pair.socket->write("x", pair.error), 0U);
    EXPECT_TRUE(pair.error);
}

TEST_F(StreamSocketTest, StopsReadingAfterWhatHasCome)
{
    Pair pair(poller);
    pair.peer_sends("before");
    pair.socket->stop_reading();
    turn();
    EXPECT_EQ(pair.read(), "before");
    EXPECT_EQ(pair.read(), "");
    EXPECT_EQ(pair.error, asio::error::eof);
    EXPECT_GT(pair.socket->write("answer", pair.error), 0U);
}

TEST_F(StreamSocketTest, WhoIsClosedInALookIsNotToldInIt)
{
    Pair first(poller);
    Pair second(poller);
    first.when_told = [&] { second.socket.reset(); };
    second.when_told = [&] { first.socket.reset(); };
    first.peer_sends("x");
    second.peer_sends("x");
    turn();
    EXPECT_EQ(first.told + second.told, "r");
}

TEST_F(StreamSocketTest, WhatOneIsClosedWithIsNotToldOfTheNextWithItsNumber)
{
    Pair first(poller);
    Pair second(poller);
    std::optional<Pair> next;
    const auto take_the_others_place = [&](Pair& other) {
        if (next)
            return;
        other.socket->close();
        next.emplace(poller); // has the lowest number that is free
    };
    first.when_told = [&] { take_the_others_place(second); };
    second.when_told = [&] { take_the_others_place(first); };
    first.peer_sends("x");
    second.peer_sends("x");
    turn();
    ASSERT_TRUE(next);
    EXPECT_EQ(next->told, "");
    next->peer_sends("x");
    turn();
    EXPECT_EQ(next->told, "r");
    EXPECT_EQ(first.told + second.told, "r");
}

TEST_F(StreamSocketTest, MayEndItselfWhenItIsTold)
{
    Pair pair(poller);
    pair.when_told = [&] { pair.socket.reset(); };
    pair.peer_sends("x");
    turn();
    EXPECT_EQ(pair.told, "r");
    EXPECT_FALSE(pair.socket);
}

TEST_F(StreamSocketTest, TheLoopHasWorkWhileOneIsOpen)
{
    Pair pair(poller);
    pair.when_told = [&] { pair.socket->close(); };
    pair.peer_sends("x");
    context.run(); // ends, or the test's time limit does
    EXPECT_EQ(pair.told, "r");
    EXPECT_TRUE(context.stopped());
}

TEST_F(StreamSocketTest, OneThatComesAsTheLastGoesIsTold)
{
    Pair old(poller);
    turn();
    old.socket->close();
    Pair pair(poller);
    pair.peer_sends("x");
    turn();
    EXPECT_EQ(pair.told, "r");
}

TEST_F(StreamSocketTest, MoreThanOneLookHoldsAreAllTold)
{
    std::vector<std::unique_ptr<Pair>> pairs;
    for (int count = 0; count < 200; ++count) {
        pairs.push_back(std::make_unique<Pair>(poller));
        pairs.back()->peer_sends("x");
    }
    turn();
    for (const auto& pair : pairs)
        EXPECT_EQ(pair->told, "r");
}

TEST_F(StreamSocketTest, OnesTroubleIsNotTheOthers)
{
    std::vector<std::unique_ptr<Pair>> pairs;
    for (int count = 0; count < 3; ++count) {
        pairs.push_back(std::make_unique<Pair>(poller));
        pairs.back()->peer_sends("x");
    }
    pairs[1]->when_told = [] { throw std::runtime_error("no memory"); };
    EXPECT_THROW(turn(), std::runtime_error);
    for (const auto& pair : pairs)
        EXPECT_EQ(pair->told, "r");
    pairs[0]->peer_sends("y");
    turn();
    EXPECT_EQ(pairs[0]->told, "rr");
}

TEST_F(StreamSocketTest, ASocketThatCannotBeWatchedIsClosedFromTheStart)
{
    struct Nobody final : StreamSocket::User
    {
        void ready([[maybe_unused]] bool to_read, [[maybe_unused]] bool to_write) override {}
    } nobody;
    StreamSocket socket(poller, -1, nobody);
    EXPECT_FALSE(socket.is_open());
    EXPECT_FALSE(socket.is_silent(false));
}

TEST_F(StreamSocketTest, WhoStopsBeforeTheEndIsToldAgain)
{
    Pair pair(poller);
    pair.when_told = [&] {
        pair.read(1);
        pair.socket->read_on_later();
        pair.socket->read_on_later();
        if (pair.told.size() == 3)
            pair.socket.reset();
    };
    pair.peer_sends("abcdef");
    turn();
    EXPECT_EQ(pair.told, "rrr");
}

TEST_F(StreamSocketTest, WhoIsClosedIsNotToldAgain)
{
    Pair pair(poller);
    pair.when_told = [&] {
        pair.socket->read_on_later();
        pair.socket->close();
    };
    pair.peer_sends("x");
    turn();
    EXPECT_EQ(pair.told, "r");
}

TEST_F(StreamSocketTest, WhoIsToldAgainLetsOthersGoFirst)
{
    Pair first(poller);
    Pair second(poller);
    std::string log;
    first.when_told = [&] {
        log += "first ";
        if (first.told.size() == 1)
            first.socket->read_on_later();
    };
    second.when_told = [&] { log += "second "; };
    first.peer_sends("x");
    second.peer_sends("x");
    turn();
    EXPECT_EQ(log, "first second first ");
}

struct Task final : Poller::DeferredFlush
{
    explicit Task(std::string& log)
        : log_(log)
    {
    }
    void flush_deferred() override { log_ += "after "; }

    std::string& log_;
};

/// When thousands of calls time out together, the answers come before the work for the kernel.
TEST_F(StreamSocketTest, ManyThatAreBrokenOffAtOnceAreClosedSoon)
{
    std::vector<std::unique_ptr<Pair>> pairs;
    for (std::size_t count = 0; count < 3 * DeferredResets::at_once; ++count)
        pairs.push_back(std::make_unique<Pair>(poller));
    Pair healthy(poller);
    turn();
    for (const auto& pair : pairs)
        pair->socket->close(Ending::reset);
    const auto ended = [&] {
        return static_cast<std::size_t>(
            std::ranges::count_if(pairs, [](const auto& pair) { return pair->sees_the_end(); }));
    };
    EXPECT_EQ(ended(), DeferredResets::at_once);
    pairs.back()->peer_sends("x");
    turn();
    EXPECT_EQ(pairs.back()->told, "") << "nobody is told of it any more";

    while (ended() < pairs.size()) { // ends, or the test's time limit does
        context.restart();
        context.run_one();
    }
    healthy.peer_sends("x");
    turn();
    EXPECT_EQ(healthy.told, "r");
}

TEST_F(StreamSocketTest, WhatIsToBeClosedSoonIsClosedWithTheLast)
{
    std::vector<std::unique_ptr<Pair>> pairs;
    for (std::size_t count = 0; count < 3 * DeferredResets::at_once; ++count)
        pairs.push_back(std::make_unique<Pair>(poller));
    for (const auto& pair : pairs)
        pair->socket->close(Ending::reset);
    for (const auto& pair : pairs)
        EXPECT_TRUE(pair->sees_the_end());
    turn();
    EXPECT_TRUE(context.stopped()) << "no alarm keeps the loop";
}

/// What happens in a look in which `count` sockets have something to read, each of which asks for the task.
std::string look_with(std::size_t count)
{
    asio::io_context context;
    Poller poller(context);
    std::string log;
    Task task(log);
    std::vector<std::unique_ptr<Pair>> pairs;
    while (pairs.size() < count) {
        Pair& pair = *pairs.emplace_back(std::make_unique<Pair>(poller));
        pair.when_told = [&] {
            EXPECT_TRUE(poller.is_dispatching());
            log += "told ";
            poller.defer_flush(task);
        };
        pair.peer_sends("x");
    }
    context.poll();
    EXPECT_FALSE(poller.is_dispatching());
    return log;
}

TEST(PollerAfterwards, IsDoneOnceAfterManyWereTold)
{
    std::string told;
    for (int count = 0; count < 20; ++count)
        told += "told ";
    EXPECT_EQ(look_with(20), told + "after ");
}

TEST(PollerAfterwards, IsDoneAfterEachOfFew)
{
    EXPECT_EQ(look_with(2), "told after told after ");
}

TEST_F(StreamSocketTest, WhoEndsBeforehandHasNothingDone)
{
    std::string log;
    std::optional<Task> task(log);
    Pair pair(poller);
    pair.when_told = [&] {
        poller.defer_flush(*task);
        task.reset();
    };
    pair.peer_sends("x");
    turn();
    EXPECT_EQ(pair.told, "r");
    EXPECT_EQ(log, "");
}

} // namespace
} // namespace dialhook::net
