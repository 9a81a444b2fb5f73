#pragma once

#include <openssl/ssl.h>

#include <string>

/// What contexts of clients and of listeners read from files. Faults are sentences that name the file; empty: none.
namespace dialhook::net {

/// Takes the first error of this thread from OpenSSL, and forgets the others.
std::string openssl_fault();

struct TlsFile
{
    std::string text;
    std::string fault; ///< `NAME cannot be read: WHY`
};

TlsFile read_file(const std::string& name);

/// Returns what is wrong with a file that OpenSSL would wait for: a named pipe until somebody writes to it.
std::string fault_of_kind(const std::string& file);

/// Has `context` show the certificate in the file `certificate`, with its chain and with the key in the file `key`.
std::string load_certificate(SSL_CTX* context, const std::string& certificate, const std::string& key);

} // namespace dialhook::net
