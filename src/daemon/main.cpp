#include "daemon/last_good.hpp"
#include "daemon/process.hpp"
#include "daemon/start.hpp"
#include "daemon/usage.hpp"
#include "daemon/vantage.hpp"
#include "version.hpp"

#include <CLI/CLI.hpp>

#include <cstdlib>
#include <iostream>
#include <optional>
#include <string>
#include <utility>

namespace dialhook::daemon {
namespace {

constexpr int wrong_usage = 2;

struct Options
{
    std::string config;
    std::string state;
    bool check = false;
};

/// Returns where the daemon keeps what outlives it: as the command line says, or as StateDirectory= of the unit says.
std::optional<LastGood> last_good(const Options& options)
{
    std::string folder = options.state;
    if (const char* const of_unit = std::getenv("STATE_DIRECTORY"); folder.empty() && of_unit != nullptr)
        folder = std::string(of_unit).substr(0, std::string(of_unit).find(':'));
    if (folder.empty())
        return std::nullopt;
    return LastGood(folder, options.config);
}

/// Says what is wrong with the configuration, and what cannot be known from here.
int check(const Options& options)
{
    // The file says where the control socket is; a faulty one may not, and is taken for the service's.
    const Vantage of_the_service = Vantage::of_process(config::ServerSettings{}.control);
    const auto loaded = Loader::check(options.config, !of_the_service.is_the_daemon_s());
    const config::Faults& found = loaded ? loaded->snapshot->configuration().warnings : loaded.error();
    for (const config::Fault& one : found)
        std::cerr << one.str() << '\n';
    const Vantage vantage =
        loaded ? Vantage::of_process(loaded->snapshot->configuration().server.control) : of_the_service;
    if (!vantage.is_the_daemon_s())
        std::cerr << vantage.note(options.config) << '\n';
    if (!loaded) {
        std::cerr << config::counted(found) << '\n';
        return EXIT_FAILURE;
    }
    const auto count = loaded->snapshot->webhooks().size();
    std::cout << options.config << ": " << count << (count == 1 ? " webhook" : " webhooks") << ", "
              << config::counted(found) << '\n';
    return EXIT_SUCCESS;
}

int serve(const Options& options)
{
    Loader loader(options.config);
    auto loaded = loader.load(nullptr);
    prepare_process();
    return start(loader, std::move(loaded), last_good(options));
}

} // namespace
} // namespace dialhook::daemon

int main(int argc, char** argv)
{
    using namespace dialhook;

    CLI::App app("Dialhook asks a web server where an inbound call should go.", "dialhookd");
    daemon::Options options;
    app.add_option("--config", options.config, "The configuration, in YAML")
        ->required()
        ->check([](const std::string& file) {
            return file.starts_with("--") ? "expected a FILE after it, found the option " + file : std::string();
        })
        ->type_name("FILE");
    app.add_option("--state", options.state,
                   "Folder for the last good configuration and the spool of events [$STATE_DIRECTORY; without it, "
                   "neither is kept]")
        ->type_name("DIR");
    app.add_flag("--check", options.check, "Check the configuration and exit");
    app.set_version_flag("--version", "dialhookd " + std::string(version), "Show the version");
    app.footer("Example: dialhookd --config /etc/dialhook/dialhook.yaml --check");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        if (error.get_exit_code() == 0)
            return app.exit(error); // help, or the version
        std::cerr << "dialhookd: " << daemon::complaint(app, error) << "\nRun dialhookd --help for more.\n";
        return daemon::wrong_usage;
    }
    try {
        return options.check ? daemon::check(options) : daemon::serve(options);
    } catch (const std::exception& error) {
        std::cerr << "dialhookd: " << error.what() << '\n';
        return EXIT_FAILURE;
    }
}
