#pragma once

#include "config/configuration.hpp"
#include "config/saved.hpp"
#include "yaml/fault.hpp"

#include <boost/system/result.hpp>

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dialhook::config {

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

    /// Takes the text of each file as it is read, the main file first: what is in force can be kept then.
    std::function<void(const std::filesystem::path& file, std::string_view text)> on_file = {};

    /// Read instead of the files, if it is set: a configuration that was kept, the main file first.
    const std::vector<SourceText>* saved = nullptr;

    /// The environment of this process.
    static Environment of_process();
};

/// Reads `file` and what it includes. Either a whole configuration with its warnings, or every fault and warning that
/// was found.
///
/// Blocking (files, user names): never call it on an event loop.
boost::system::result<Configuration, Faults> load(const std::filesystem::path& file, const Environment& environment);

} // namespace dialhook::config
