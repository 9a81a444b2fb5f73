#include "daemon/loader.hpp"

#include <exception>

namespace dialhook::daemon {

boost::system::result<Loaded, config::Faults> Loader::load(const dispatch::Snapshot* previous)
{
    return load(config::Environment::of_process(), previous);
}

boost::system::result<Loaded, config::Faults> Loader::load_kept(const config::SavedConfiguration& kept)
{
    config::Environment environment = config::Environment::of_process();
    environment.saved = &kept.files;
    return load(std::move(environment), nullptr);
}

boost::system::result<Loaded, config::Faults> Loader::load(config::Environment environment,
                                                           const dispatch::Snapshot* previous)
{
    std::vector<config::SourceText> files;
    environment.on_file = [&files](const std::filesystem::path& file, std::string_view text) {
        files.push_back({file.string(), std::string(text)});
    };
    environment.check_tls = [this](const TlsOptions& options) -> std::optional<std::string> {
        auto opened = contexts_.open(dispatch::tls_settings(&options));
        if (opened.context)
            return std::nullopt;
        return std::move(opened.fault);
    };
    auto configuration = config::load(file_, environment);
    if (!configuration)
        return std::move(configuration).error();

    try {
        auto resolver = net::ResolverSettings::of_system(configuration->server.dns_servers);
        return Loaded{dispatch::Snapshot::make(*std::move(configuration), contexts_, previous), std::move(resolver),
                      std::move(files)};
    } catch (const std::exception& error) {
        // A file that was good a moment ago, or memory that ran out.
        return config::Faults{{file_.string(), 0, 0, error.what()}};
    }
}

} // namespace dialhook::daemon
