#pragma once

#include "config/saved.hpp"

#include <boost/system/result.hpp>

#include <filesystem>
#include <optional>
#include <string>

namespace dialhook::daemon {

/// The file where the configuration that was applied last is kept, for a start that finds a faulty one. It holds what
/// the configuration files hold, passwords that are written in them too, so it is for the daemon's user alone.
///
/// Blocking: never on an event loop.
class LastGood
{
public:
    /// `folder` is made when it is not there. `main_file`: whose configuration is kept.
    LastGood(std::filesystem::path folder, const std::filesystem::path& main_file);

    const std::filesystem::path& folder() const { return folder_; }
    const std::filesystem::path& file() const { return file_; }

    /// Keeps `saved` instead of what is there: after a crash or a full disk there is the one or the other, whole.
    /// Returns a sentence if it could not be kept.
    std::optional<std::string> keep(config::SavedConfiguration saved) const;

    /// Returns what is kept, or a sentence why there is nothing that may be used.
    boost::system::result<config::SavedConfiguration, config::SavedFault> read() const;

private:
    std::filesystem::path folder_;
    std::filesystem::path file_;
    std::string main_file_;
};

} // namespace dialhook::daemon
