#pragma once

#include "webhook/url_template.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dialhook {

/// One secret that requests are signed with, as the Standard Webhooks specification writes it: `whsec_` and base64.
class SigningSecret
{
public:
    /// Returns nullopt unless `text` is `whsec_` and the base64 of 24 to 64 bytes.
    static std::optional<SigningSecret> from(std::string_view text);

    /// Returns the key itself.
    std::string_view key() const { return key_; }

    bool operator==(const SigningSecret&) const = default;

private:
    explicit SigningSecret(std::string key)
        : key_(std::move(key))
    {
    }

    std::string key_;
};

/// `circuit_breaker` of a webhook.
struct BreakerOptions
{
    std::uint32_t failures = 5;                ///< so many HTTP failures in a row open it
    std::chrono::milliseconds open_for{10000}; ///< then it lets one dispatch try

    bool operator==(const BreakerOptions&) const = default;
};

/// What a webhook does beyond asking once. Most webhooks have none of it.
struct Policies
{
    std::uint16_t retries = 0;
    std::shared_ptr<const UrlTemplate> fallback_url; ///< null: none
    std::vector<SigningSecret> secrets;              ///< each signs every request, so that they can be rotated
    std::optional<BreakerOptions> circuit_breaker;
    std::chrono::milliseconds cache{0};          ///< 0: off
    std::chrono::milliseconds stale_if_error{0}; ///< 0: off
    bool wait = true; ///< false: the call goes on at once, the request is sent in the background

    /// Returns whether both ask for the same.
    bool operator==(const Policies& other) const;
};

} // namespace dialhook
