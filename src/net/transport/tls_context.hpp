#pragma once

#include <openssl/ssl.h>

#include <atomic>
#include <chrono>
#include <compare>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace dialhook::net {

/// Whom to trust and how to show who we are. Empty file names: the system's CAs, no certificate.
struct TlsSettings
{
    std::string ca_file;     ///< PEM
    std::string client_cert; ///< PEM, with the chain up to its CA
    std::string client_key;  ///< PEM, not encrypted
    bool tls_1_3_only = false;

    auto operator<=>(const TlsSettings&) const = default;
};

/// Deletes what OpenSSL allocated.
struct OpenSslDelete
{
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
    void operator()(SSL_SESSION* session) const { SSL_SESSION_free(session); }
    void operator()(SSL* connection) const { SSL_free(connection); }
};

/// One end of a TLS connection.
using TlsConnection = std::unique_ptr<SSL, OpenSslDelete>;

/// The session that the next connection to the same origin resumes (RFC 8446, 2.2). One for each origin and thread.
///
/// A session of TLS 1.2 is resumed with TLS 1.2 alone, for to offer TLS 1.3 as well takes a new key for nothing, a
/// third of such a connection's CPU. A web server may learn TLS 1.3 meanwhile, so now and then all versions are
/// offered.
///
/// Each connection has a copy of its own. OpenSSL takes a session of TLS 1.3 for used up when one handshake with it is
/// done, so of connections that are opened at once only the first would resume it; and it spoils the session of a
/// connection that ends without a close_notify, as many web servers end idle ones.
class TlsSession
{
public:
    using TimePoint = std::chrono::steady_clock::time_point;

    static constexpr std::chrono::minutes between_offers{10};

    /// Has `connection`, before its handshake, resume the latest session, and keep here those that it is given. This
    /// object outlives it.
    void prepare(SSL* connection, TimePoint now);

    /// Forgets the session after the handshake of `connection` failed, since it may be why. Returns whether the
    /// connection could not offer all versions, so that another one may get through.
    bool was_too_narrow(SSL* connection);

    /// Forgets the session of its origin after a fault of TLS on `connection`, which may come after the handshake.
    static void forget(SSL* connection);

    void keep(SSL_SESSION* session);

private:
    std::unique_ptr<SSL_SESSION, OpenSslDelete> latest_;
    TimePoint all_offered_at_{};
};

/// The system's CAs, read once a process. Any thread.
class SystemCas
{
public:
    /// Reads files the first time.
    std::shared_ptr<X509_STORE> store();

private:
    std::mutex mutex_;
    std::shared_ptr<X509_STORE> store_;
};

/// One OpenSSL context: trust, certificate and protocol versions. Shared by all threads; it never changes once it is
/// made.
class TlsContext
{
public:
    TlsContext(const TlsSettings& settings, std::shared_ptr<SystemCas> system_cas);
    ~TlsContext();
    TlsContext(const TlsContext&) = delete;
    TlsContext& operator=(const TlsContext&) = delete;

    /// Returns null until it is made.
    SSL_CTX* native() const { return made_.load(std::memory_order_acquire); }

    /// Makes it on a thread of its own, unless that is under way: with the system's CAs that takes some 25 ms. `native`
    /// says when it is done; if `is_in_the_making` ends without it, it failed, and may be tried again.
    void make_in_background() const;
    bool is_in_the_making() const { return in_the_making_.load(std::memory_order_acquire); }

private:
    friend class TlsContexts;

    /// Makes it if it is not; what is at fault if it cannot be made. May block.
    std::string make() const;

    const TlsSettings settings_;
    const std::shared_ptr<SystemCas> system_cas_;
    std::string files_; ///< what the files held when they were read
    mutable std::mutex mutex_;
    mutable std::unique_ptr<SSL_CTX, OpenSslDelete> context_;
    mutable std::atomic<SSL_CTX*> made_{nullptr};
    mutable std::atomic<bool> in_the_making_{false};
    mutable std::thread maker_;
};

/// Either a context, or a sentence that says which file is at fault and how.
struct TlsContextOrFault
{
    std::shared_ptr<const TlsContext> context;
    std::string fault;
};

/// Makes contexts and keeps those in use, so that a reload that changes nothing keeps connections and sessions too.
/// For the thread that loads the configuration.
class TlsContexts
{
public:
    /// Returns the context for `settings`: the one made before, unless its files hold something else by now. Reads
    /// files and so may block.
    TlsContextOrFault open(const TlsSettings& settings);

    /// Returns the context without files of its own, which is made when it is first wanted: a daemon whose webhooks are
    /// all plain HTTP needs it only where one of them is redirected to HTTPS, and starts four times as fast without.
    std::shared_ptr<const TlsContext> when_wanted();

private:
    std::map<TlsSettings, std::weak_ptr<const TlsContext>> known_;
    std::shared_ptr<SystemCas> system_cas_ = std::make_shared<SystemCas>();
};

} // namespace dialhook::net
