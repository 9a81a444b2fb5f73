#include "daemon/loader.hpp"

#include <exception>
#include <memory>
#include <optional>
#include <utility>

namespace dialhook::daemon {
namespace {

boost::system::result<Loaded, config::Faults> load_file(const std::filesystem::path& file,
                                                        config::Environment environment, config::LoadCache& cache,
                                                        net::TlsContexts& contexts, const dispatch::Snapshot* previous)
{
    config::SourceTexts files;
    environment.on_file = [&files](const std::shared_ptr<const config::SourceText>& text) { files.share(text); };
    environment.check_tls = [&contexts](const TlsOptions& options) -> std::optional<std::string> {
        auto opened = contexts.open(dispatch::tls_settings(&options));
        if (opened.context)
            return std::nullopt;
        return std::move(opened.fault);
    };
    environment.check_engine_tls = [](const config::EngineTls& options) -> std::optional<std::string> {
        auto opened = net::open_tls_server(dispatch::tls_settings(options));
        if (opened.context)
            return std::nullopt;
        return std::move(opened.fault);
    };
    auto configuration = config::load(file, environment, cache);
    if (!configuration)
        return std::move(configuration).error();

    try {
        auto resolver = net::ResolverSettings::of_system(configuration->server.dns_servers);
        return Loaded{dispatch::Snapshot::make(*std::move(configuration), contexts, previous), std::move(resolver),
                      std::move(files)};
    } catch (const std::exception& error) {
        // A file that was good a moment ago, or memory that ran out.
        return config::Faults{{file.string(), 0, 0, error.what()}};
    }
}

} // namespace

boost::system::result<Loaded, config::Faults> Loader::load(const dispatch::Snapshot* previous)
{
    return load_file(file_, config::Environment::of_process(), cache_, contexts_, previous);
}

boost::system::result<Loaded, config::Faults> Loader::load_kept(const config::SavedConfiguration& kept)
{
    config::Environment environment = config::Environment::of_process();
    environment.saved = &kept.files;
    return load_file(file_, std::move(environment), cache_, contexts_, nullptr);
}

boost::system::result<Loaded, config::Faults> Loader::rehearse()
{
    net::TlsContexts contexts;
    return load_file(file_, config::Environment::of_process(), cache_, contexts, nullptr);
}

boost::system::result<Loaded, config::Faults> Loader::check(const std::filesystem::path& file,
                                                            bool credentials_are_elsewhere)
{
    config::Environment environment = config::Environment::of_process();
    environment.credentials_are_elsewhere = credentials_are_elsewhere;
    config::LoadCache nothing;
    net::TlsContexts contexts;
    return load_file(file, std::move(environment), nothing, contexts, nullptr);
}

} // namespace dialhook::daemon
