#include "net/transport/tls_context.hpp"

#include <gtest/gtest.h>

namespace dialhook::net {
namespace {

class TlsSessionTest : public testing::Test
{
protected:
    /// The newest version that a connection made at `now` offers; 0: all there are.
    int newest_offered(TlsSession::TimePoint now)
    {
        connection.reset(SSL_new(context.get()));
        session.prepare(connection.get(), now);
        return static_cast<int>(SSL_get_max_proto_version(connection.get()));
    }

    void given_session_of(int version)
    {
        SSL_SESSION* const given = SSL_SESSION_new();
        SSL_SESSION_set_protocol_version(given, version);
        session.keep(given);
        SSL_SESSION_free(given);
    }

    bool offers_a_session()
    {
        newest_offered(start);
        return SSL_get_session(connection.get()) != nullptr;
    }

    std::unique_ptr<SSL_CTX, OpenSslDelete> context{SSL_CTX_new(TLS_client_method())};
    TlsConnection connection;
    TlsSession session;
    TlsSession::TimePoint start{std::chrono::hours(100)};
};

TEST_F(TlsSessionTest, TheFirstConnectionOffersAllVersions)
{
    EXPECT_EQ(newest_offered(start), 0);
    EXPECT_FALSE(session.was_too_narrow(connection.get()));
}

TEST_F(TlsSessionTest, ASessionOfTls12IsResumedWithThatAlone)
{
    newest_offered(start);
    given_session_of(TLS1_2_VERSION);
    EXPECT_EQ(newest_offered(start), TLS1_2_VERSION);
    EXPECT_NE(SSL_get_session(connection.get()), nullptr);
}

TEST_F(TlsSessionTest, ASessionOfTls13IsNot)
{
    newest_offered(start);
    given_session_of(TLS1_3_VERSION);
    EXPECT_EQ(newest_offered(start), 0);
    EXPECT_NE(SSL_get_session(connection.get()), nullptr);
}

TEST_F(TlsSessionTest, NowAndThenAllVersionsAreOffered)
{
    newest_offered(start);
    given_session_of(TLS1_2_VERSION);
    const auto later = start + TlsSession::between_offers;
    EXPECT_EQ(newest_offered(later - std::chrono::nanoseconds(1)), TLS1_2_VERSION);
    EXPECT_EQ(newest_offered(later), 0);
    EXPECT_EQ(newest_offered(later), TLS1_2_VERSION);
    EXPECT_EQ(newest_offered(later + TlsSession::between_offers), 0);
}

TEST_F(TlsSessionTest, AHandshakeThatFailedForItIsTriedAgainWithAllVersions)
{
    newest_offered(start);
    given_session_of(TLS1_2_VERSION);
    newest_offered(start);
    EXPECT_TRUE(session.was_too_narrow(connection.get()));
    EXPECT_EQ(newest_offered(start), 0);
    EXPECT_EQ(SSL_get_session(connection.get()), nullptr);
    EXPECT_FALSE(session.was_too_narrow(connection.get()));
}

TEST_F(TlsSessionTest, EachConnectionHasACopyOfItsOwn)
{
    given_session_of(TLS1_3_VERSION);
    ASSERT_TRUE(offers_a_session());
    const TlsConnection first = std::move(connection);
    ASSERT_TRUE(offers_a_session());
    EXPECT_NE(SSL_get_session(connection.get()), SSL_get_session(first.get()));
}

TEST_F(TlsSessionTest, AFaultOfTlsForgetsIt)
{
    given_session_of(TLS1_3_VERSION);
    ASSERT_TRUE(offers_a_session());
    TlsSession::forget(connection.get());
    EXPECT_FALSE(offers_a_session());
}

} // namespace
} // namespace dialhook::net
