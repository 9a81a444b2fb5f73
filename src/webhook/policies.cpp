#include "webhook/policies.hpp"

#include "base/base64.hpp"

namespace dialhook {
namespace {

constexpr std::size_t min_key = 24;
constexpr std::size_t max_key = 64;

bool same_url(const std::shared_ptr<const UrlTemplate>& left, const std::shared_ptr<const UrlTemplate>& right)
{
    return (left == nullptr) == (right == nullptr) && (left == nullptr || *left == *right);
}

} // namespace

std::optional<SigningSecret> SigningSecret::from(std::string_view text)
{
    constexpr std::string_view prefix = "whsec_";
    if (!text.starts_with(prefix))
        return std::nullopt;
    auto key = base64::decoded(text.substr(prefix.size()), base64::Form::padded);
    if (!key || key->size() < min_key || key->size() > max_key)
        return std::nullopt;
    return SigningSecret(*std::move(key));
}

bool Policies::operator==(const Policies& other) const
{
    return retries == other.retries && same_url(fallback_url, other.fallback_url) && secrets == other.secrets &&
           circuit_breaker == other.circuit_breaker && cache == other.cache && stale_if_error == other.stale_if_error &&
           wait == other.wait;
}

} // namespace dialhook
