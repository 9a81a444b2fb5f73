#pragma once

#include <dialhook/config/configuration.hpp>
#include <dialhook/config/saved.hpp>

#include <boost/system/result.hpp>

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace dialhook::config {

/// One fault in a configuration file. `line` and `column` count from 1; 0 where a whole file is meant.
struct Fault
{
    std::string file;
    std::size_t line = 0;
    std::size_t column = 0;
    std::string message; ///< names the thing, what was found, what was expected, and the remedy

    /// `file:line:column: message`
    std::string str() const;
};

/// All faults of one load, ordered by file and place.
using Faults = std::vector<Fault>;

/// What loading needs from outside the files; tests replace it.
struct Environment
{
    /// Where `${credential:NAME}` is read from (`$CREDENTIALS_DIRECTORY`); empty: none was handed over.
    std::filesystem::path credentials_directory;

    /// Says what is wrong with a webhook's `tls` (an unreadable file, a key that does not belong to its certificate),
    /// or nothing. Called once for each different set of options.
    std::function<std::optional<std::string>(const TlsOptions&)> check_tls;

    /// Takes the text of each file as it is read, the main file first: what is in force can be kept then.
    std::function<void(const std::filesystem::path& file, std::string_view text)> on_file = {};

    /// Read instead of the files, if it is set: a configuration that was kept, the main file first.
    const std::vector<SourceText>* saved = nullptr;

    /// The environment of this process.
    static Environment of_process();
};

/// Reads `file` and what it includes. Either a whole configuration, or every fault that was found.
///
/// Blocking (files, user names): never call it on an event loop.
boost::system::result<Configuration, Faults> load(const std::filesystem::path& file, const Environment& environment);

} // namespace dialhook::config
