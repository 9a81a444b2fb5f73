#pragma once

#include "config/configuration.hpp"
#include "config/saved.hpp"
#include "yaml/fault.hpp"

#include <boost/system/result.hpp>

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace dialhook::config {

struct LoadCache;

/// What loading needs from outside the files; tests replace it.
struct Environment
{
    /// Where `${credential:NAME}` is read from (`$CREDENTIALS_DIRECTORY`); empty: none was handed over.
    std::filesystem::path credentials_directory;
    /// A service elsewhere has them: what stands in `${credential:NAME}` is a warning instead of a fault.
    bool credentials_are_elsewhere = false;

    /// Says what is wrong with a webhook's `tls` (an unreadable file, a key that does not belong to its certificate),
    /// or nothing. Called once for each different set of options.
    std::function<std::optional<std::string>(const TlsOptions&)> check_tls;

    /// The same of the `tls` of `server.engine_http`.
    std::function<std::optional<std::string>(const EngineTls&)> check_engine_tls = {};

    /// Takes the text of each file, the main file first: what is in force can be kept then.
    std::function<void(const std::shared_ptr<const SourceText>& file)> on_file = {};

    /// Read instead of the files, if it is set: a configuration that was kept.
    const SourceTexts* saved = nullptr;

    /// Returns the environment of this process.
    static Environment of_process();
};

/// Reads `file` and what it includes. Either a whole configuration with its warnings, or every fault and warning that
/// was found.
///
/// Blocking (files, user names): never call it on an event loop.
boost::system::result<Configuration, Faults> load(const std::filesystem::path& file, const Environment& environment);

/// Does the same with what earlier loads of `file` in this environment have left in `cache`.
boost::system::result<Configuration, Faults> load(const std::filesystem::path& file, const Environment& environment,
                                                  LoadCache& cache);

} // namespace dialhook::config
