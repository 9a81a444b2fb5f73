#include "net/nats/nats_client.hpp"
#include "unit/net/coroutine.hpp"
#include "unit/net/nats_server.hpp"

#include <boost/asio/post.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace dialhook::net {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

constexpr std::chrono::seconds patience{30};

/// For what must run out while all that goes well is done in time, under Valgrind too.
constexpr std::chrono::seconds long_enough{2};

/// What came of a publication, as text: `CALLS 7`, `CALLS 7 duplicate`, or the sentence of the failure.
std::string told(const NatsResult& result)
{
    if (!result)
        return result.error().detail.empty() ? "cancelled" : result.error().detail;
    return result->stream + " " + std::to_string(result->sequence) + (result->is_duplicate ? " duplicate" : "");
}

class NatsClientTest : public testing::Test
{
protected:
    void TearDown() override
    {
        client.reset();
        server.stop();
        other.stop();
        resolver.close();
        wheel.close();
        context.restart();
        context.run_for(patience);
        EXPECT_TRUE(context.stopped()) << "something is still under way";
    }

    void connect_to(const std::vector<const NatsServer*>& servers, nats::Login login = {})
    {
        NatsTarget target;
        for (const NatsServer* const one : servers)
            target.servers.push_back({"127.0.0.1", one->port()});
        target.login = std::move(login);
        use(std::move(target));
    }

    void use(NatsTarget target)
    {
        client = std::make_unique<NatsClient>(context, poller, wheel, resolver, std::move(target), pace);
    }

    /// Begins to publish; `outcomes` has what comes of it.
    void begin(std::string body, std::string id = "msg_1", std::string_view subject = "calls.events")
    {
        const std::size_t index = outcomes.size();
        outcomes.emplace_back("no outcome");
        ++under_way;
        start(context, [this, index, body = std::move(body), id = std::move(id), subject]() -> Awaitable<void> {
            Cancellation own;
            const OnCancel forward(cancellation, [&] { own.request(cancellation.reason()); });
            const Deadline deadline(wheel, own, Clock::now() + timeout);
            const NatsResult result = co_await client->publish({subject, id, {}, body}, {rules, connect_timeout}, own);
            outcomes[index] = told(result);
            --under_way;
        });
    }

    template <class Condition>
    void run_until(Condition condition)
    {
        const TimePoint limit = Clock::now() + patience;
        context.restart();
        while (!condition() && Clock::now() < limit)
            context.run_one_until(limit);
        ASSERT_TRUE(condition());
    }

    void finish()
    {
        run_until([this] { return under_way == 0; });
    }

    std::string publish(std::string body = "{}")
    {
        begin(std::move(body));
        finish();
        return outcomes.back();
    }

    asio::io_context context{1};
    Poller poller{context};
    TimerWheel wheel{context};
    Resolver resolver{context, wheel, {{{asio::ip::make_address("127.0.0.1"), 9}}, std::make_shared<HostsFile>()}};
    egress::Rules rules{{*egress::Entry::parse("127.0.0.1")}, {}};
    std::chrono::milliseconds connect_timeout = patience;
    std::chrono::milliseconds timeout = patience;
    NatsPace pace{patience, 2, 0ms};
    NatsServer server{context};
    NatsServer other{context};
    std::unique_ptr<NatsClient> client;
    Cancellation cancellation;
    std::vector<std::string> outcomes;
    std::size_t under_way = 0;
};

TEST_F(NatsClientTest, PublishesAndWaitsForTheAcknowledgement)
{
    std::string connect;
    NatsPeer::Published published;
    server.then([&](NatsPeer& peer) -> Awaitable<void> {
        connect = co_await peer.greet();
        co_await peer.say("PONG\r\n");
        published = co_await peer.publication();
        co_await peer.acknowledge(published, 7);
    });
    connect_to({&server}, {"pbx", "s3cret", {}});
    EXPECT_EQ(publish(R"({"a":1})"), "CALLS 7");
    EXPECT_THAT(connect, HasSubstr(R"("no_responders":true)"));
    EXPECT_THAT(connect, HasSubstr(R"("user":"pbx","pass":"s3cret"})"));
    EXPECT_EQ(published.subject, "calls.events");
    EXPECT_EQ(published.headers, "NATS/1.0\r\nNats-Msg-Id: msg_1\r\n\r\n");
    EXPECT_EQ(published.body, R"({"a":1})");
    EXPECT_THAT(published.inbox, testing::MatchesRegex("_INBOX\\.[A-Za-z0-9]{22}\\.1"));
}

TEST_F(NatsClientTest, ManyAreUnderWayOnOneConnection)
{
    constexpr int many = 50;
    server.then([&](NatsPeer& peer) -> Awaitable<void> {
        co_await peer.let_in();
        std::vector<NatsPeer::Published> all;
        for (int count = 0; count < many; ++count)
            all.push_back(co_await peer.publication());
        for (auto one = all.rbegin(); one != all.rend(); ++one)
            co_await peer.acknowledge(*one, std::stoi(one->body), one->body == "3");
    });
    connect_to({&server});
    for (int count = 0; count < many; ++count)
        begin(std::to_string(count));
    finish();
    for (int count = 0; count < many; ++count)
        EXPECT_EQ(outcomes[static_cast<std::size_t>(count)],
                  "CALLS " + std::to_string(count) + (count == 3 ? " duplicate" : ""));
    EXPECT_EQ(server.connections(), 1U);
}

TEST_F(NatsClientTest, WhatDoesNotFitIntoTheSocketFollows)
{
    constexpr int many = 100;
    std::vector<std::string> bodies;
    server.then([&](NatsPeer& peer) -> Awaitable<void> {
        co_await peer.let_in();
        const auto first = co_await peer.publication();
        co_await peer.acknowledge(first, 0);
        while (under_way < many) // it reads nothing until all were handed over
            co_await asio::post(context, UseAwaitable{});
        for (int count = 0; count < many; ++count) {
            const auto published = co_await peer.publication();
            bodies.push_back(published.body);
            co_await peer.acknowledge(published, count);
        }
    });
    connect_to({&server});
    publish();
    for (int count = 0; count < many; ++count)
        begin(std::string(90'000, static_cast<char>('a' + count % 26)));
    finish();
    ASSERT_EQ(bodies.size(), many);
    for (int count = 0; count < many; ++count)
        EXPECT_TRUE(bodies[static_cast<std::size_t>(count)] ==
                    std::string(90'000, static_cast<char>('a' + count % 26)));
}

TEST_F(NatsClientTest, SaysWhyJetStreamRefuses)
{
    server.then([&](NatsPeer& peer) -> Awaitable<void> {
        co_await peer.let_in();
        const auto full = co_await peer.publication();
        co_await peer.answer(full.inbox, R"({"error":{"code":503,"err_code":10077,)"
                                         R"("description":"maximum messages exceeded"},"seq":0})");
        const auto unheard = co_await peer.publication();
        co_await peer.say("HMSG " + unheard.inbox + " 1 16 16\r\nNATS/1.0 503\r\n\r\n\r\n");
        const auto misled = co_await peer.publication();
        co_await peer.answer(misled.inbox, "thank you");
    });
    connect_to({&server});
    EXPECT_EQ(publish(), "JetStream refused the event (" + server.name() + "): maximum messages exceeded (10077)");
    EXPECT_EQ(publish(), "no stream of JetStream has the subject (" + server.name() +
                             "); add it to the subjects of a stream, and see that JetStream is on");
    EXPECT_EQ(publish(), "what came from " + server.name() +
                             " is no acknowledgement of JetStream; does something else answer on the subject?");
    EXPECT_EQ(server.connections(), 1U);
}

TEST_F(NatsClientTest, NamesWrongCredentials)
{
    server.then([](NatsPeer& peer) -> Awaitable<void> {
        co_await peer.greet();
        co_await peer.say("-ERR 'Authorization Violation'\r\n");
        peer.close();
    });
    connect_to({&server}, {"pbx", "wrong", {}});
    EXPECT_EQ(publish(), server.name() +
                             " refused the credentials (Authorization Violation); look at user, password or "
                             "token in the URL");
}

TEST_F(NatsClientTest, NamesMissingPermissions)
{
    server.then([](NatsPeer& peer) -> Awaitable<void> {
        co_await peer.let_in();
        co_await peer.publication();
        co_await peer.say("-ERR 'Permissions Violation for Publish to \"calls.events\"'\r\n");
        const auto published = co_await peer.publication();
        co_await peer.acknowledge(published, 1);
    });
    other.then([](NatsPeer& peer) -> Awaitable<void> {
        co_await peer.greet();
        co_await peer.say("-ERR 'Permissions Violation for Subscription to \"_INBOX.x.*\"'\r\nPONG\r\n");
    });
    connect_to({&server});
    EXPECT_EQ(publish(), server.name() + " does not let this user publish: Permissions Violation for Publish to "
                                         "\"calls.events\"");
    EXPECT_EQ(publish(), "CALLS 1") << "the connection stays";
    connect_to({&other});
    EXPECT_EQ(publish(), other.name() + " does not let this user subscribe to _INBOX.>, where acknowledgements come: "
                                        "Permissions Violation for Subscription to \"_INBOX.x.*\"");
}

TEST_F(NatsClientTest, AForbiddenSubjectFailsNoOther)
{
    server.then([](NatsPeer& peer) -> Awaitable<void> {
        co_await peer.let_in();
        std::vector<NatsPeer::Published> all;
        for (int count = 0; count < 3; ++count)
            all.push_back(co_await peer.publication());
        for (int count = 0; count < 2; ++count) // one for each that is refused
            co_await peer.say("-ERR 'Permissions Violation for Publish to \"calls.secret\"'\r\n");
        co_await peer.say("PING\r\n");
        co_await peer.line(); // PONG: it has read both
        co_await peer.acknowledge(all.at(1), 1);
    });
    connect_to({&server});
    begin("1", "msg_1", "calls.secret");
    begin("2", "msg_2", "calls.events");
    begin("3", "msg_3", "calls.secret");
    finish();
    const std::string refused =
        server.name() + " does not let this user publish: Permissions Violation for Publish to \"calls.secret\"";
    EXPECT_THAT(outcomes, testing::ElementsAre(refused, "CALLS 1", refused));
}

TEST_F(NatsClientTest, ARefusalWithoutASubjectFailsAll)
{
    server.then([](NatsPeer& peer) -> Awaitable<void> {
        co_await peer.let_in();
        for (int count = 0; count < 2; ++count)
            co_await peer.publication();
        co_await peer.say("-ERR 'Permissions Violation for Publish'\r\n");
    });
    connect_to({&server});
    begin("1", "msg_1", "calls.secret");
    begin("2", "msg_2", "calls.events");
    finish();
    EXPECT_THAT(outcomes,
                testing::Each(server.name() + " does not let this user publish: Permissions Violation for Publish"));
}

TEST_F(NatsClientTest, AServerThatIsSilentAfterItsInfoGivesWayToTheNext)
{
    server.then([](NatsPeer& peer) -> Awaitable<void> { co_await peer.say("INFO {\"headers\":true}\r\n"); });
    other.then([](NatsPeer& peer) -> Awaitable<void> {
        co_await peer.let_in();
        const auto published = co_await peer.publication();
        co_await peer.acknowledge(published, 1);
    });
    connect_timeout = long_enough;
    connect_to({&server, &other});
    EXPECT_EQ(publish(), "CALLS 1");
}

TEST_F(NatsClientTest, EachServerSaysWhyNotWhenNoneCanBeHad)
{
    server.then([](NatsPeer& peer) -> Awaitable<void> { co_await peer.say("HTTP/1.1 400 Bad Request\r\n\r\n"); });
    connect_timeout = long_enough;
    connect_to({&server, &other}); // the other one does not even say INFO
    EXPECT_EQ(publish(), server.name() +
                             " is no NATS server: it sent a line that is none of NATS; connect_timeout of " +
                             other.name() + " expired while waiting for its INFO");
}

TEST_F(NatsClientTest, AServerThatFallsSilentIsLeftForTheNext)
{
    server.then([](NatsPeer& peer) -> Awaitable<void> {
        co_await peer.let_in();
        co_await peer.publication();
    });
    other.then([](NatsPeer& peer) -> Awaitable<void> {
        co_await peer.let_in();
        const auto published = co_await peer.publication();
        co_await peer.acknowledge(published, 1);
    });
    connect_to({&server, &other});
    timeout = long_enough;
    EXPECT_EQ(publish(), "no acknowledgement of JetStream from " + server.name() + " in time");
    timeout = patience;
    EXPECT_EQ(publish(), "CALLS 1");
    EXPECT_EQ(other.connections(), 1U);
}

TEST_F(NatsClientTest, AServerThatTalksButDoesNotAcknowledgeIsKept)
{
    server.then([](NatsPeer& peer) -> Awaitable<void> {
        co_await peer.let_in();
        co_await peer.publication();
        co_await peer.say("PING\r\n");
        co_await peer.line(); // PONG
        const auto published = co_await peer.publication();
        co_await peer.acknowledge(published, 2);
    });
    connect_to({&server});
    timeout = long_enough;
    EXPECT_EQ(publish(), "no acknowledgement of JetStream from " + server.name() + " in time");
    timeout = patience;
    EXPECT_EQ(publish(), "CALLS 2");
    EXPECT_EQ(server.connections(), 1U);
}

TEST_F(NatsClientTest, ABrokenConnectionFailsWhatIsUnderWay)
{
    server
        .then([](NatsPeer& peer) -> Awaitable<void> {
            co_await peer.let_in();
            for (int count = 0; count < 3; ++count)
                co_await peer.publication();
            co_await peer.say("-ERR 'Server Shutdown'\r\n");
            peer.close();
        })
        .then([](NatsPeer& peer) -> Awaitable<void> {
            co_await peer.let_in();
            const auto published = co_await peer.publication();
            co_await peer.acknowledge(published, 4);
        });
    connect_to({&server});
    for (const char* const body : {"1", "2", "3"})
        begin(body);
    finish();
    EXPECT_THAT(outcomes, testing::Each(server.name() + " closed the connection: Server Shutdown"));
    EXPECT_EQ(publish(), "CALLS 4");
}

TEST_F(NatsClientTest, DoesNotTryAgainBeforeTheBackoffIsOver)
{
    server.then([](NatsPeer& peer) -> Awaitable<void> {
        peer.close();
        co_return;
    });
    pace.backoff = patience;
    connect_to({&server});
    const std::string sentence = server.name() + " closed the connection before it said INFO";
    EXPECT_EQ(publish(), sentence);
    EXPECT_EQ(publish(), sentence);
    EXPECT_EQ(server.connections(), 1U);
}

TEST_F(NatsClientTest, UnansweredPingsEndTheConnection)
{
    int pings = 0;
    server.then([&](NatsPeer& peer) -> Awaitable<void> {
        co_await peer.let_in();
        co_await peer.publication();
        while (co_await peer.line() == "PING")
            ++pings;
    });
    pace.ping_every = 300ms;
    connect_to({&server});
    EXPECT_EQ(publish(), server.name() + " did not answer 2 PINGs");
    run_until([&] { return pings == 2; });
}

TEST_F(NatsClientTest, AnsweredPingsKeepTheConnection)
{
    server.then([&](NatsPeer& peer) -> Awaitable<void> {
        co_await peer.let_in();
        const auto published = co_await peer.publication();
        for (int count = 0; count < 5; ++count) {
            const std::string ping = co_await peer.line();
            EXPECT_EQ(ping, "PING");
            co_await peer.say("PONG\r\n");
        }
        co_await peer.acknowledge(published, 1);
    });
    pace.ping_every = 100ms;
    connect_to({&server});
    EXPECT_EQ(publish(), "CALLS 1");
}

TEST_F(NatsClientTest, AServerInLameDuckModeIsLeftInGoodTime)
{
    server.then([](NatsPeer& peer) -> Awaitable<void> {
        co_await peer.let_in();
        const auto published = co_await peer.publication();
        co_await peer.say("INFO {\"headers\":true,\"ldm\":true}\r\n");
        co_await peer.acknowledge(published, 1);
    });
    other.then([](NatsPeer& peer) -> Awaitable<void> {
        co_await peer.let_in();
        const auto published = co_await peer.publication();
        co_await peer.acknowledge(published, 2);
    });
    connect_to({&server, &other});
    EXPECT_EQ(publish(), "CALLS 1");
    EXPECT_EQ(publish(), "CALLS 2");
}

TEST_F(NatsClientTest, WhatTheServerCannotTakeIsNotSent)
{
    server.then([](NatsPeer& peer) -> Awaitable<void> {
        co_await peer.greet(R"({"headers":true,"max_payload":50})");
        co_await peer.say("PONG\r\n");
        const auto published = co_await peer.publication();
        co_await peer.acknowledge(published, 1);
    });
    other.then([](NatsPeer& peer) -> Awaitable<void> {
        co_await peer.greet(R"({"max_payload":50})");
        co_await peer.say("PONG\r\n");
    });
    connect_to({&server});
    EXPECT_EQ(publish(std::string(30, 'x')),
              "the event has 62 bytes, and " + server.name() + " takes at most 50 (max_payload)");
    EXPECT_EQ(publish(std::string(18, 'x')), "CALLS 1");
    connect_to({&other});
    EXPECT_EQ(publish(), other.name() + " has no headers, which JetStream needs: NATS 2.2 or later is wanted");
}

TEST_F(NatsClientTest, TlsIsNotLeftOutWhereOneSideWantsIt)
{
    server.then([](NatsPeer& peer) -> Awaitable<void> { co_await peer.say("INFO {\"tls_required\":true}\r\n"); });
    connect_to({&server});
    EXPECT_EQ(publish(), server.name() + " requires TLS, for which nothing was configured");
    other.then([](NatsPeer& peer) -> Awaitable<void> { co_await peer.say("INFO {\"headers\":true}\r\n"); });
    NatsTarget target{{{"127.0.0.1", other.port()}}, {}, nullptr, true};
    use(std::move(target));
    EXPECT_EQ(publish(), other.name() + " does not offer TLS, which the notification's `tls` asks for");
}

TEST_F(NatsClientTest, EgressRulesHold)
{
    server.then([](NatsPeer& peer) -> Awaitable<void> {
        co_await peer.let_in();
        const auto published = co_await peer.publication();
        co_await peer.acknowledge(published, 1);
    });
    connect_to({&server});
    EXPECT_EQ(publish(), "CALLS 1");
    rules = egress::Rules();
    EXPECT_THAT(publish(), HasSubstr("127.0.0.1 is closed by loopback 127.0.0.0/8"))
        << "also where a connection is open";
    EXPECT_EQ(server.connections(), 1U);
}

TEST_F(NatsClientTest, ACancelledPublicationEndsAtOnce)
{
    bool is_published = false;
    server.then([&](NatsPeer& peer) -> Awaitable<void> {
        co_await peer.let_in();
        co_await peer.publication();
        is_published = true;
    });
    connect_to({&server});
    begin("{}");
    run_until([&] { return is_published; });
    cancellation.request(CancelReason::shutdown);
    EXPECT_EQ(outcomes.back(), "cancelled");
}

TEST_F(NatsClientTest, AClientThatEndsFailsWhatIsUnderWay)
{
    bool is_published = false;
    server.then([&](NatsPeer& peer) -> Awaitable<void> {
        co_await peer.let_in();
        co_await peer.publication();
        is_published = true;
    });
    connect_to({&server});
    begin("{}");
    run_until([&] { return is_published; });
    client.reset();
    finish();
    EXPECT_EQ(outcomes.back(), "the connection to NATS was closed: the daemon ends, or its configuration changed");
}

TEST_F(NatsClientTest, AClientThatEndsWhileItConnectsFailsWhatWaits)
{
    bool is_greeted = false;
    server.then([&](NatsPeer& peer) -> Awaitable<void> {
        co_await peer.greet();
        is_greeted = true;
    });
    connect_to({&server});
    begin("{}");
    run_until([&] { return is_greeted; });
    client.reset();
    finish();
    EXPECT_EQ(outcomes.back(), "the connection to NATS was closed: the daemon ends, or its configuration changed");
}

} // namespace
} // namespace dialhook::net
