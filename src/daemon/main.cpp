#include "daemon/daemon.hpp"
#include "daemon/log_options.hpp"
#include "daemon/process.hpp"

#include <dialhook/version.hpp>

#include <CLI/CLI.hpp>

#include <cstdlib>
#include <iostream>

namespace dialhook::daemon {
namespace {

constexpr int wrong_usage = 2;

struct Options
{
    std::string config;
    bool check = false;
};

void print(const config::Faults& faults)
{
    for (const config::Fault& fault : faults)
        std::cerr << fault.str() << '\n';
    std::cerr << faults.size() << (faults.size() == 1 ? " fault\n" : " faults\n");
}

int serve(const Options& options)
{
    Loader loader(options.config);
    auto loaded = loader.load(nullptr);
    if (!loaded) {
        print(loaded.error());
        return EXIT_FAILURE;
    }
    if (options.check) {
        const auto count = loaded->snapshot->hooks().size();
        std::cout << options.config << ": " << count << (count == 1 ? " webhook" : " webhooks") << ", no faults\n";
        return EXIT_SUCCESS;
    }
    prepare_process();
    const config::LogSettings log_settings = loaded->snapshot->configuration().server.log;
    log::Log log(log_options(log_settings));
    try {
        Daemon daemon(options.config, loader, *std::move(loaded), log);
        daemon.run();
        return EXIT_SUCCESS;
    } catch (const std::exception& error) {
        log.write(log::Level::error, "dialhookd cannot run", {{"detail", error.what()}});
        if (!log_settings.file.empty() || log_settings.format == config::LogFormat::syslog)
            std::cerr << "dialhookd cannot run: " << error.what() << '\n'; // where `systemctl status` shows it
        return EXIT_FAILURE;
    }
}

} // namespace
} // namespace dialhook::daemon

int main(int argc, char** argv)
{
    using namespace dialhook;

    CLI::App app("Dialhook asks a web server where an inbound call should go.", "dialhookd");
    daemon::Options options;
    app.add_option("--config", options.config, "The configuration, in YAML")->required()->type_name("FILE");
    app.add_flag("--check", options.check, "Say what is wrong with the configuration, and end");
    app.set_version_flag("--version", "dialhookd " + std::string(version), "Show the version");
    app.footer("Example: dialhookd --config /etc/dialhook/dialhook.yaml --check");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        if (error.get_exit_code() == 0)
            return app.exit(error); // help, or the version
        std::cerr << "dialhookd: " << error.what() << "\nRun dialhookd --help for more.\n";
        return daemon::wrong_usage;
    }
    try {
        return daemon::serve(options);
    } catch (const std::exception& error) {
        std::cerr << "dialhookd: " << error.what() << '\n';
        return EXIT_FAILURE;
    }
}
