#include "net/transport/tls_server.hpp"

#include "net/transport/tls_files.hpp"

#include <string_view>
#include <utility>

namespace dialhook::net {
namespace {

/// Sessions of one listener are resumed by no other; OpenSSL wants a name where clients have certificates.
constexpr std::string_view session_context = "dialhook";

/// Returns why the file cannot be read; empty if it can, or there is none.
std::string fault_of(const std::string& file)
{
    if (file.empty())
        return {};
    std::string fault = fault_of_kind(file);
    return fault.empty() ? read_file(file).fault : fault;
}

std::string load_client_ca(SSL_CTX* context, const std::string& file)
{
    if (file.empty())
        return {};
    STACK_OF(X509_NAME)* const names = SSL_load_client_CA_file(file.c_str());
    if (names == nullptr || SSL_CTX_load_verify_file(context, file.c_str()) != 1)
        return file + " holds no PEM certificate: " + openssl_fault();
    SSL_CTX_set_client_CA_list(context, names);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(context), X509_V_FLAG_PARTIAL_CHAIN);
    return {};
}

} // namespace

TlsServerOrFault open_tls_server(const TlsServerSettings& settings)
{
    for (const std::string* const file : {&settings.cert, &settings.key, &settings.client_ca})
        if (std::string fault = fault_of(*file); !fault.empty())
            return {nullptr, std::move(fault)};
    const TlsServerContext context(SSL_CTX_new(TLS_server_method()), OpenSslDelete());
    SSL_CTX* const native = context.get();
    if (native == nullptr)
        return {nullptr, "OpenSSL cannot make a context: " + openssl_fault()};
    SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
    SSL_CTX_set_mode(native,
                     SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_read_ahead(native, 1);
    SSL_CTX_set_options(native, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_session_cache_mode(native, SSL_SESS_CACHE_OFF); // tickets do, which the client keeps
    SSL_CTX_set_session_id_context(native, reinterpret_cast<const unsigned char*>(session_context.data()),
                                   static_cast<unsigned>(session_context.size()));
    std::string fault = load_certificate(native, settings.cert, settings.key);
    if (fault.empty())
        fault = load_client_ca(native, settings.client_ca);
    if (!fault.empty())
        return {nullptr, std::move(fault)};
    return {context, {}};
}

TlsConnection new_tls_server(SSL_CTX& context)
{
    return TlsConnection(SSL_new(&context));
}

} // namespace dialhook::net
