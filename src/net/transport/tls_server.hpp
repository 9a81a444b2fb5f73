#pragma once

#include "net/transport/tls_context.hpp"

#include <openssl/ssl.h>

#include <memory>
#include <string>

namespace dialhook::net {

/// Who a listener is, and whose certificates it takes. All are PEM files.
struct TlsServerSettings
{
    std::string cert;      ///< with the chain up to its CA
    std::string key;       ///< of `cert`, not encrypted
    std::string client_ca; ///< empty: clients need no certificate
};

/// Never changes once it is made, so any thread may use it.
using TlsServerContext = std::shared_ptr<SSL_CTX>;

/// Either a context, or a sentence that says which file is at fault and how.
struct TlsServerOrFault
{
    TlsServerContext context;
    std::string fault;
};

/// Makes the context of a listener, for TLS 1.2 and 1.3. Reads files, and so may block.
TlsServerOrFault open_tls_server(const TlsServerSettings& settings);

/// Returns our end of a new connection, before its handshake. Null: OpenSSL is out of memory.
TlsConnection new_tls_server(SSL_CTX& context);

} // namespace dialhook::net
