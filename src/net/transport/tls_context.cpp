#include "net/transport/tls_context.hpp"

#include "net/transport/tls_files.hpp"

#include <openssl/err.h>
#include <openssl/x509.h>

#include <cstdlib>
#include <utility>

namespace dialhook::net {
namespace {

/// Where distributions keep all trusted CAs in one file. A directory of single ones would be read within handshakes,
/// on an event loop.
constexpr const char* bundle_file = "/etc/ssl/certs/ca-certificates.crt";

/// Returns where a connection has its TlsSession.
int session_index()
{
    static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
    return index;
}

int store_session(SSL* connection, SSL_SESSION* session)
{
    auto* const slot = static_cast<TlsSession*>(SSL_get_ex_data(connection, session_index()));
    if (slot == nullptr)
        return 0;
    slot->keep(session);
    return 0; // it stays the connection's
}

} // namespace

void TlsSession::prepare(SSL* connection, TimePoint now)
{
    SSL_set_ex_data(connection, session_index(), this);
    if (latest_) {
        const std::unique_ptr<SSL_SESSION, OpenSslDelete> copy(SSL_SESSION_dup(latest_.get()));
        SSL_set_session(connection, copy.get());
    }
    if (latest_ && SSL_SESSION_get_protocol_version(latest_.get()) == TLS1_2_VERSION &&
        now - all_offered_at_ < between_offers)
        SSL_set_max_proto_version(connection, TLS1_2_VERSION);
    else
        all_offered_at_ = now;
}

bool TlsSession::was_too_narrow(SSL* connection)
{
    latest_.reset();
    return SSL_get_max_proto_version(connection) == TLS1_2_VERSION;
}

void TlsSession::forget(SSL* connection)
{
    if (auto* const slot = static_cast<TlsSession*>(SSL_get_ex_data(connection, session_index())))
        slot->latest_.reset();
}

void TlsSession::keep(SSL_SESSION* session)
{
    latest_.reset(SSL_SESSION_dup(session));
}

std::shared_ptr<X509_STORE> SystemCas::store()
{
    const std::lock_guard lock(mutex_);
    if (!store_) {
        store_ = {X509_STORE_new(), X509_STORE_free};
        const char* const other = std::getenv(X509_get_default_cert_file_env()); // SSL_CERT_FILE
        if (X509_STORE_load_file(store_.get(), other != nullptr ? other : bundle_file) != 1)
            X509_STORE_set_default_paths(store_.get());
        ERR_clear_error();
    }
    return store_;
}

TlsContext::TlsContext(const TlsSettings& settings, std::shared_ptr<SystemCas> system_cas)
    : settings_(settings)
    , system_cas_(std::move(system_cas))
{
}

TlsContext::~TlsContext()
{
    if (maker_.joinable())
        maker_.join();
}

std::string TlsContext::make() const
{
    const std::lock_guard lock(mutex_);
    if (context_)
        return {};
    std::unique_ptr<SSL_CTX, OpenSslDelete> context(SSL_CTX_new(TLS_client_method()));
    SSL_CTX* const native = context.get();
    if (native == nullptr)
        return "OpenSSL cannot make a context: " + openssl_fault();

    SSL_CTX_set_min_proto_version(native, settings_.tls_1_3_only ? TLS1_3_VERSION : TLS1_2_VERSION);
    SSL_CTX_set_verify(native, SSL_VERIFY_PEER, nullptr);
    SSL_CTX_set_mode(native,
                     SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_read_ahead(native, 1); // one system call for a record and those after it
    SSL_CTX_set_options(native, SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_session_cache_mode(native, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(native, store_session);

    if (std::string fault = fault_of_kind(settings_.ca_file); !fault.empty())
        return fault;
    if (settings_.ca_file.empty())
        SSL_CTX_set1_cert_store(native, system_cas_->store().get());
    else if (SSL_CTX_load_verify_file(native, settings_.ca_file.c_str()) != 1)
        return settings_.ca_file + " holds no PEM certificate: " + openssl_fault();
    else // what it holds is trusted, be it no root: an intermediate authority, or the web server's own certificate
        X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(native), X509_V_FLAG_PARTIAL_CHAIN);
    if (!settings_.client_cert.empty())
        if (std::string fault = load_certificate(native, settings_.client_cert, settings_.client_key); !fault.empty())
            return fault;
    // A web server may ask for the certificate when it has seen the path of the request (Apache's SSLVerifyClient in a
    // <Location>): with TLS 1.3 after the handshake, with TLS 1.2 by a new one.
    SSL_CTX_set_post_handshake_auth(native, settings_.client_cert.empty() ? 0 : 1);
    if (settings_.client_cert.empty())
        SSL_CTX_set_options(native, SSL_OP_NO_RENEGOTIATION);

    context_ = std::move(context);
    made_.store(native, std::memory_order_release);
    return {};
}

void TlsContext::make_in_background() const
{
    if (native() != nullptr || in_the_making_.exchange(true))
        return;
    // Nobody else comes here until the new thread is through, and an earlier one is.
    if (maker_.joinable())
        maker_.join();
    maker_ = std::thread([this] {
        make();
        in_the_making_.store(false, std::memory_order_release);
    });
}

TlsContextOrFault TlsContexts::open(const TlsSettings& settings)
{
    std::string files;
    for (const std::string* const name : {&settings.ca_file, &settings.client_cert, &settings.client_key}) {
        if (name->empty())
            continue;
        TlsFile content = read_file(*name);
        if (!content.fault.empty())
            return {nullptr, std::move(content.fault)};
        files += std::to_string(content.text.size()) + ":" + content.text;
    }
    auto context = known_[settings].lock();
    if (!context || context->files_ != files) {
        auto other = std::make_shared<TlsContext>(settings, system_cas_);
        other->files_ = std::move(files);
        context = std::move(other);
    }
    if (std::string fault = context->make(); !fault.empty())
        return {nullptr, std::move(fault)};
    known_[settings] = context;
    return {std::move(context), {}};
}

std::shared_ptr<const TlsContext> TlsContexts::when_wanted()
{
    std::weak_ptr<const TlsContext>& known = known_[{}];
    auto context = known.lock();
    if (!context)
        known = context = std::make_shared<TlsContext>(TlsSettings{}, system_cas_);
    return context;
}

} // namespace dialhook::net
