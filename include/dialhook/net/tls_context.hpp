#pragma once

#include <openssl/ssl.h>

#include <compare>
#include <map>
#include <memory>
#include <string>

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
};

/// The session that the next connection to the same origin resumes (RFC 8446, 2.2). One for each origin and thread.
struct TlsSession
{
    std::unique_ptr<SSL_SESSION, OpenSslDelete> latest;

    /// Has `connection` keep the sessions that it is given here. This object outlives it.
    void collect_from(SSL* connection);
};

/// One OpenSSL context: trust, certificate and protocol versions. Immutable once made, shared by all threads.
class TlsContext
{
public:
    SSL_CTX* native() const { return context_.get(); }

private:
    friend class TlsContexts;

    std::unique_ptr<SSL_CTX, OpenSslDelete> context_;
    std::string files_; ///< what the files held when they were read
};

/// Either a context, or a sentence that says which file is at fault and how.
struct TlsContextOrFault
{
    std::shared_ptr<const TlsContext> context;
    std::string fault;
};

/// Makes contexts and keeps those in use, so that a reload that changes nothing keeps connections and sessions too.
/// Reads files and so may block: for the thread that loads the configuration.
class TlsContexts
{
public:
    /// The context for `settings`: the one made before, unless its files hold something else by now.
    TlsContextOrFault open(const TlsSettings& settings);

private:
    std::map<TlsSettings, std::weak_ptr<const TlsContext>> known_;
    /// The system's CAs, read once a process.
    std::shared_ptr<X509_STORE> system_store_;

    const std::shared_ptr<X509_STORE>& system_store();
};

} // namespace dialhook::net
