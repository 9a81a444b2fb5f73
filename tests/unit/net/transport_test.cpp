#include "net/transport/plain_transport.hpp"
#include "net/transport/tls_transport.hpp"
#include "unit/net/coroutine.hpp"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

namespace dialhook::net {
namespace {

/// What a connection is told.
struct Told final : Transport::User
{
    void received(std::string_view bytes) override { text += bytes; }
    void ended(error_code why) override
    {
        end = why;
        transport->close(Ending::orderly);
    }
    void proceed() override { ++turns; }

    Transport* transport = nullptr;
    std::string text;
    std::optional<error_code> end;
    int turns = 0;
};

struct Delete
{
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
    void operator()(X509* certificate) const { X509_free(certificate); }
};

/// A TLS web server without a known name; the transport trusts any certificate.
std::unique_ptr<SSL_CTX, OpenSslDelete> server_context()
{
    const std::unique_ptr<EVP_PKEY, Delete> key(EVP_EC_gen("P-256"));
    const std::unique_ptr<X509, Delete> certificate(X509_new());
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), 0);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
    X509_set_pubkey(certificate.get(), key.get());
    X509_sign(certificate.get(), key.get(), EVP_sha256());
    std::unique_ptr<SSL_CTX, OpenSslDelete> context(SSL_CTX_new(TLS_server_method()));
    SSL_CTX_use_certificate(context.get(), certificate.get());
    SSL_CTX_use_PrivateKey(context.get(), key.get());
    return context;
}

/// A transport on an event loop, and the web server's end of it.
class TransportTest : public testing::TestWithParam<int>
{
protected:
    static bool is_tls() { return GetParam() != 0; }

    void SetUp() override
    {
        std::array<int, 2> ends{};
        if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()) != 0)
            throw std::runtime_error("no pair of sockets");
        theirs = ends[1];
        TcpSocket ours(context);
        ours.assign(asio::ip::tcp::v4(), ends[0]);
        if (is_tls())
            secure(std::move(ours));
        else
            transport = std::make_unique<PlainTransport>(poller, std::move(ours));
        told->transport = transport.get();
        transport->start(told);
    }

    void TearDown() override
    {
        transport->close(Ending::orderly);
        turn();
        if (theirs >= 0)
            ::close(theirs);
    }

    void secure(TcpSocket ours)
    {
        accepting = server_context();
        server.reset(SSL_new(accepting.get()));
        SSL_set_fd(server.get(), theirs);
        SSL_set_accept_state(server.get());
        offering.reset(SSL_CTX_new(TLS_client_method()));
        SSL_CTX_set_max_proto_version(offering.get(), GetParam());
        SSL_CTX_set_mode(offering.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
        SSL_CTX_set_read_ahead(offering.get(), 1);
        auto tls = std::make_unique<TlsTransport>(poller, std::move(ours), TlsConnection(SSL_new(offering.get())));
        std::optional<error_code> shaken;
        start(context, [&]() -> Awaitable<void> { shaken = co_await tls->handshake(); });
        for (int count = 0; count < 10 && !shaken; ++count) {
            turn();
            SSL_do_handshake(server.get());
        }
        ASSERT_EQ(shaken, error_code());
        transport = std::move(tls);
    }

    void turn()
    {
        context.restart();
        context.poll();
    }

    std::string server_reads()
    {
        std::string all;
        std::array<char, 16384> bytes{};
        while (true) {
            const auto size = is_tls() ? SSL_read(server.get(), bytes.data(), static_cast<int>(bytes.size()))
                                       : ::recv(theirs, bytes.data(), bytes.size(), 0);
            if (size <= 0)
                return all;
            all.append(bytes.data(), static_cast<std::size_t>(size));
        }
    }

    void server_sends(std::string_view bytes)
    {
        const auto sent = is_tls() ? SSL_write(server.get(), bytes.data(), static_cast<int>(bytes.size()))
                                   : ::send(theirs, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        ASSERT_EQ(sent, static_cast<ssize_t>(bytes.size()));
    }

    /// Writes all of `bytes`, however long the web server takes to read; what that reads in the end.
    std::string carried(const std::string& bytes)
    {
        bool is_done = false;
        start(context, [&]() -> Awaitable<void> {
            std::string_view rest = bytes;
            rest.remove_prefix(transport->write_at_once(rest));
            while (!rest.empty()) {
                const std::size_t written = co_await transport->write_some(rest);
                if (written == 0)
                    break;
                rest.remove_prefix(written);
            }
            is_done = true;
        });
        std::string read;
        for (int count = 0; count < 10'000 && !(is_done && read.size() >= bytes.size()); ++count) {
            turn();
            read += server_reads();
        }
        EXPECT_TRUE(is_done);
        return read;
    }

    asio::io_context context{1};
    Poller poller{context};
    std::unique_ptr<SSL_CTX, OpenSslDelete> accepting;
    std::unique_ptr<SSL_CTX, OpenSslDelete> offering;
    TlsConnection server;
    int theirs = -1;
    std::shared_ptr<Told> told = std::make_shared<Told>();
    std::unique_ptr<Transport> transport;
};

TEST_P(TransportTest, CarriesARequestAndItsReply)
{
    EXPECT_EQ(carried("question"), "question");
    server_sends("answer");
    turn();
    EXPECT_EQ(told->text, "answer");
    EXPECT_GT(told->turns, 0);
    EXPECT_TRUE(transport->is_silent(true));
    EXPECT_FALSE(told->end);
}

TEST_P(TransportTest, WhatDoesNotFitAtOnceFollows)
{
    std::string request(2'000'000, 'x');
    for (std::size_t at = 0; at < request.size(); at += 1000)
        request[at] = static_cast<char>('a' + at / 1000 % 26);
    EXPECT_EQ(carried(request), request);
}

TEST_P(TransportTest, LongRepliesComeWhole)
{
    turn();
    std::string reply(100'000, 'y');
    for (std::size_t at = 0; at < reply.size(); at += 10'000) {
        server_reads(); // what ends the handshake
        transport->push();
        server_sends(std::string_view(reply).substr(at, 10'000));
        turn();
    }
    EXPECT_EQ(told->text, reply);
}

TEST_P(TransportTest, AWebServerThatNeverStopsGetsItsPartOfEachTurn)
{
    transport->push();
    server_reads();
    turn();
    const int before = told->turns;
    std::size_t sent = 0;
    for (const std::string part(10'000, 'y'); sent < 90'000; sent += part.size())
        server_sends(part);
    turn();
    EXPECT_EQ(told->text.size(), sent);
    EXPECT_GE(told->turns - before, 2);
}

TEST_P(TransportTest, IsNotSilentWhenTheWebServerSpokeUnasked)
{
    transport->push();
    server_reads();
    turn();
    EXPECT_TRUE(transport->is_silent(true));
    server_sends("\0");
    server_sends("x");
    EXPECT_FALSE(transport->is_silent(true));
    turn();
    EXPECT_TRUE(told->text.ends_with('x'));
}

TEST_P(TransportTest, TellsOfTheEnd)
{
    transport->push();
    server_reads();
    if (is_tls())
        SSL_shutdown(server.get());
    ::close(std::exchange(theirs, -1));
    turn();
    EXPECT_EQ(told->end, error_code(asio::error::eof));
    EXPECT_FALSE(transport->is_silent(true));
    EXPECT_EQ(transport->write_at_once("too late"), 0U);
}

TEST_P(TransportTest, ATlsConnectionThatIsCutHasNoOrderlyEnd)
{
    transport->push();
    server_reads();
    ::close(std::exchange(theirs, -1));
    turn();
    ASSERT_TRUE(told->end);
    EXPECT_EQ(*told->end == asio::error::eof, !is_tls()) << told->end->message();
}

TEST_P(TransportTest, ClosedItLetsTheWriterGo)
{
    std::optional<std::size_t> written;
    const std::string request(4'000'000, 'x');
    start(context, [&]() -> Awaitable<void> {
        do
            written = co_await transport->write_some(request);
        while (*written != 0);
    });
    turn();
    EXPECT_NE(written, 0U);
    transport->close(Ending::orderly);
    EXPECT_EQ(written, 0U);
}

class TransportOfTls13 : public TransportTest
{
};

/// Each wants an answer, which nobody reads.
TEST_P(TransportOfTls13, NewKeysWithoutEndGrowNothing)
{
    transport->push();
    server_reads();
    for (int count = 0; count < 20'000; ++count) {
        SSL_key_update(server.get(), SSL_KEY_UPDATE_REQUESTED);
        SSL_do_handshake(server.get());
        if (count % 100 == 0)
            turn();
    }
    turn();
    const auto* const tls = dynamic_cast<const TlsTransport*>(transport.get());
    ASSERT_NE(tls, nullptr);
    EXPECT_LT(tls->unsent(), 128U * 1024);
}

INSTANTIATE_TEST_SUITE_P(Tls13, TransportOfTls13, testing::Values(TLS1_3_VERSION));
INSTANTIATE_TEST_SUITE_P(All, TransportTest, testing::Values(0, TLS1_2_VERSION, TLS1_3_VERSION),
                         [](const auto& version) {
                             return version.param == 0                ? std::string("Plain")
                                    : version.param == TLS1_2_VERSION ? std::string("Tls12")
                                                                      : std::string("Tls13");
                         });

} // namespace
} // namespace dialhook::net
