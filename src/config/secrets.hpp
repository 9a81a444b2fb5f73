#pragma once

#include "config/kept_files.hpp"
#include "yaml/value.hpp"

#include <boost/system/result.hpp>

#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

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

/// Files that secrets stand in, as they were read.
using SecretFiles = std::vector<std::shared_ptr<const SourceText>>;

/// Puts the contents of credentials and files into values. Each file is looked at once in a load, so that all values
/// that name it agree.
class Secrets
{
public:
    static constexpr std::size_t max_size = 64UL * 1024;

    /// `files` are those of earlier loads. `credentials` is empty when none were handed over.
    explicit Secrets(KeptFiles& files, std::filesystem::path credentials, bool are_elsewhere = false)
        : kept_(files)
        , credentials_(std::move(credentials))
        , credentials_are_elsewhere_(are_elsewhere)
    {
    }

    /// Returns `text` with `${credential:NAME}` and `${file:/path}` replaced by what the files hold, without one line
    /// end at their end; `$${` stands for `${`, every other `$` for itself.
    boost::system::result<std::string, SecretFault> substitute(std::string_view text);

    /// Returns the files that values were made of since the last time; one may stand in it twice.
    SecretFiles take_used() { return std::exchange(used_, {}); }

    /// Returns whether the file holds what it held in an earlier load.
    bool is_unchanged(const std::shared_ptr<const SourceText>& before);

private:
    /// A whole file, or a sentence why not.
    struct Content
    {
        std::string bytes;
        std::optional<std::string> fault;
        bool is_unknown = false;
        std::shared_ptr<const SourceText> text = nullptr; ///< null: there is no file
    };

    Content resolve(std::string_view reference);
    Content credential(std::string_view name);
    const Content& file(const std::filesystem::path& path);

    KeptFiles& kept_;
    std::filesystem::path credentials_;
    bool credentials_are_elsewhere_;
    std::unordered_map<std::string, Content> files_;
    SecretFiles used_;
};

} // namespace dialhook::config
