#include "api/engine_http/bearer.hpp"

#include "base/text.hpp"

#include <openssl/crypto.h>

namespace dialhook::engine_http {

bool is_bearer_of(std::string_view authorization, const std::vector<std::string>& tokens)
{
    constexpr std::string_view scheme = "Bearer ";
    if (!text::equals_ignoring_case(authorization.substr(0, scheme.size()), scheme))
        return false;
    const std::string_view given = text::trimmed(authorization.substr(scheme.size()));
    bool is_known = false;
    for (const std::string& token : tokens)
        is_known |= token.size() == given.size() && CRYPTO_memcmp(token.data(), given.data(), given.size()) == 0;
    return is_known;
}

} // namespace dialhook::engine_http
