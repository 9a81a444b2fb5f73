#pragma once

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
};

/// Puts the contents of credentials and files into values. Each file is read once in a load, so that all values that
/// name it agree.
class Secrets
{
public:
    /// `credentials` is empty when none were handed over.
    explicit Secrets(std::filesystem::path credentials)
        : credentials_(std::move(credentials))
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
    };

    Content resolve(std::string_view reference);
    Content credential(std::string_view name);
    const Content& file(const std::filesystem::path& path);

    std::filesystem::path credentials_;
    std::unordered_map<std::string, Content> files_;
};

} // namespace dialhook::config
