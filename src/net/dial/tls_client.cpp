#include "net/dial/tls_client.hpp"

#include "net/dial/addresses.hpp"
#include "net/dns/root_dot.hpp"
#include "net/loop/pause.hpp"

#include <openssl/x509v3.h>

namespace dialhook::net {

Awaitable<void> until_made(const TlsContext& context, TimerWheel& wheel, Cancellation& cancellation)
{
    context.make_in_background();
    while (context.is_in_the_making() && !cancellation.requested())
        co_await pause(wheel, Clock::now() + TimerWheel::tick, cancellation);
}

TlsConnection new_tls_client(const TlsContext& context, const std::string& host, TlsSession& session)
{
    TlsConnection connection(SSL_new(context.native()));
    SSL* const native = connection.get();
    if (native == nullptr)
        return nullptr;
    if (literal_address(host)) {
        X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(native), host.c_str());
    } else {
        const std::string name = without_root_dot(host);
        SSL_set_tlsext_host_name(native, name.c_str());
        SSL_set1_host(native, name.c_str());
    }
    SSL_set_hostflags(native, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    session.prepare(native, Clock::now());
    return connection;
}

Failure cannot_start_tls()
{
    return {FailureKind::resources, "OpenSSL cannot start: out of memory, or the trusted certificates cannot be read"};
}

std::string handshake_fault(SSL* native, const error_code& error, const std::string& host)
{
    if (const long verdict = SSL_get_verify_result(native); verdict != X509_V_OK)
        return "the certificate of " + host + " is not trusted: " + X509_verify_cert_error_string(verdict);
    return "TLS with " + host + " failed: " + error.message();
}

} // namespace dialhook::net
