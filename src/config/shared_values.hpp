#pragma once

#include "config/load.hpp"
#include "config/secrets.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace dialhook::config {

using Headers = std::vector<RequestHeader>;

/// What webhooks have in common: equal headers, TLS options and patterns exist once, however many webhooks name them,
/// and each set of TLS options is checked once.
class SharedValues
{
public:
    SharedValues(const Environment& environment, KeptFiles& secrets)
        : environment_(environment)
        , secrets_(secrets, environment.credentials_directory, environment.credentials_are_elsewhere)
    {
    }

    Secrets& secrets() { return secrets_; }

    std::vector<std::string> vars; ///< names that templates may use after `var.`
    Numbers numbers;               ///< of the PBX

    /// Returns null for no headers.
    std::shared_ptr<const Headers> share(Headers headers);
    std::shared_ptr<const DestinationPatterns> share(DestinationPatterns patterns);

    struct Tls
    {
        std::shared_ptr<const TlsOptions> options; ///< null for the defaults
        std::optional<std::string> fault;
    };
    const Tls& share(const TlsOptions& options);

private:
    const Environment& environment_;
    Secrets secrets_;
    std::unordered_map<std::string, std::shared_ptr<const Headers>> headers_;
    std::unordered_map<std::string, std::shared_ptr<const DestinationPatterns>> patterns_;
    std::map<TlsOptions, Tls> tls_;
};

} // namespace dialhook::config
