#include "dispatch/signature.hpp"

#include "base/base64.hpp"
#include "base/hex.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <array>
#include <stdexcept>

namespace dialhook::dispatch {
namespace {

std::string hmac_sha256(std::string_view key, std::string_view content)
{
    std::array<unsigned char, 32> digest{};
    unsigned size = digest.size();
    const auto* const bytes = reinterpret_cast<const unsigned char*>(content.data());
    if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), bytes, content.size(), digest.data(), &size) ==
        nullptr)
        throw std::runtime_error("the request cannot be signed: HMAC-SHA-256 failed");
    return {digest.begin(), digest.end()};
}

} // namespace

std::string new_webhook_id()
{
    std::array<unsigned char, 16> bytes{};
    if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1)
        throw std::runtime_error("the request cannot be signed: there are no random bytes");
    return "msg_" + hex(bytes);
}

std::string signature_headers(const std::vector<SigningSecret>& secrets, std::string_view id,
                              std::chrono::system_clock::time_point now, std::string_view content)
{
    const std::string timestamp =
        std::to_string(std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count());
    const std::string signed_content = std::string(id) + '.' + timestamp + '.' + std::string(content);
    std::string signatures;
    for (const SigningSecret& secret : secrets)
        signatures += (signatures.empty() ? "v1," : " v1,") +
                      base64::encoded(hmac_sha256(secret.key(), signed_content), base64::Form::padded);
    return "webhook-id: " + std::string(id) + "\r\nwebhook-timestamp: " + timestamp +
           "\r\nwebhook-signature: " + signatures + "\r\n";
}

} // namespace dialhook::dispatch
