#include "net/transport/tls_files.hpp"

#include <openssl/err.h>
#include <system_error>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>

namespace dialhook::net {
namespace {

/// An encrypted key would make OpenSSL ask for its password on the terminal.
int no_password(char*, int, int, void*)
{
    return -1;
}

} // namespace

std::string openssl_fault()
{
    const unsigned long code = ERR_get_error();
    ERR_clear_error();
    const char* const reason = code == 0 ? nullptr : ERR_reason_error_string(code);
    return reason == nullptr ? "OpenSSL refuses it" : reason;
}

TlsFile read_file(const std::string& name)
{
    errno = 0;
    std::ifstream file(name, std::ios::binary);
    std::ostringstream text;
    if (!file || !(text << file.rdbuf()))
        return {{}, name + " cannot be read: " + (errno != 0 ? std::strerror(errno) : "it is empty")};
    return {std::move(text).str(), {}};
}

std::string fault_of_kind(const std::string& file)
{
    std::error_code error;
    const auto type = std::filesystem::status(file, error).type();
    const bool may_block = type == std::filesystem::file_type::fifo || type == std::filesystem::file_type::socket ||
                           type == std::filesystem::file_type::character;
    return may_block ? file + " is not a regular file" : std::string();
}

std::string load_certificate(SSL_CTX* context, const std::string& certificate, const std::string& key)
{
    SSL_CTX_set_default_passwd_cb(context, no_password);
    for (const std::string& file : {certificate, key})
        if (std::string fault = fault_of_kind(file); !fault.empty())
            return fault;
    if (SSL_CTX_use_certificate_chain_file(context, certificate.c_str()) != 1)
        return certificate + " is not a PEM certificate: " + openssl_fault();
    if (SSL_CTX_use_PrivateKey_file(context, key.c_str(), SSL_FILETYPE_PEM) != 1)
        return key + " is not an unencrypted PEM key for " + certificate + ": " + openssl_fault();
    if (SSL_CTX_check_private_key(context) != 1)
        return key + " does not belong to " + certificate;
    return {};
}

} // namespace dialhook::net
