#pragma once

#include "yaml/value.hpp"

#include <boost/system/result.hpp>

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace dialhook::config {

/// Why a value with `${…}` could not be made, and at which of its bytes. Says nothing of what the value holds.
struct SecretFault
{
    std::size_t offset;
    std::string message;
    bool is_unknown = false; ///< it may well be good where the daemon runs
};

/// Says what is wrong with the secret that `value` is: a fault, or a warning if it only cannot be known here.
void name_secret_fault(const Value& value, const SecretFault& fault);

/// Puts the contents of credentials and files into values. Each file is read once in a load, so that all values that
/// name it agree.
class Secrets
{
public:
    /// `credentials` is empty when none were handed over.
    explicit Secrets(std::filesystem::path credentials, bool are_elsewhere = false)
        : credentials_(std::move(credentials))
        , credentials_are_elsewhere_(are_elsewhere)
    {
    }

    /// `text` with `${credential:NAME}` and `${file:/path}` replaced by what the files hold, without one line end at
    /// their end; `$${` stands for `${`, every other `$` for itself.
    boost::system::result<std::string, SecretFault> substitute(std::string_view text);

private:
    /// A whole file, or a sentence why not.
    struct Content
    {
        std::string bytes;
        std::optional<std::string> fault;
        bool is_unknown = false;
    };

    Content resolve(std::string_view reference);
    Content credential(std::string_view name);
    const Content& file(const std::filesystem::path& path);

    std::filesystem::path credentials_;
    bool credentials_are_elsewhere_;
    std::unordered_map<std::string, Content> files_;
};

} // namespace dialhook::config
