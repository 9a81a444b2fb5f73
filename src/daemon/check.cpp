#include "base/pace.hpp"
#include "daemon/daemon.hpp"

#include <boost/asio/post.hpp>
#include <system_error>

/// What `dialhookctl check` does.
namespace dialhook::daemon {
namespace {

/// What cannot be read to its end, or would make the daemon wait for who writes to it: a folder, a pipe, a device.
bool is_of_another_kind(const std::filesystem::path& file)
{
    std::error_code error;
    const auto status = std::filesystem::status(file, error);
    return !error && std::filesystem::exists(status) && !std::filesystem::is_regular_file(status);
}

boost::system::result<Loaded, config::Faults> read(const std::filesystem::path& file)
{
    if (is_of_another_kind(file))
        return config::Faults{{file.string(), 0, 0, "this is not a regular file; name one that the daemon can read"}};
    return Loader::check(file);
}

} // namespace

/// Reads on the loading thread, where a large configuration that was read is deleted too.
void Daemon::check(std::optional<std::string> file, CheckDone done)
{
    std::filesystem::path path = file ? std::filesystem::path(*std::move(file)) : loader_.file();
    net::asio::post(loading_, [this, path = std::move(path), done = std::move(done)]() mutable {
        const Pace pace;
        auto outcome = outcome_of(path, read(path));
        net::asio::post(context_,
                        [outcome = std::move(outcome), done = std::move(done)]() mutable { done(std::move(outcome)); });
    });
}

/// Runs on the loading thread, and so looks at nothing that a reload changes.
control::CheckOutcome Daemon::outcome_of(const std::filesystem::path& file, const Checked& checked) const
{
    control::CheckOutcome outcome;
    outcome.file = file.string();
    outcome.has_faults = checked.has_error();
    const config::Faults& found = checked ? checked->snapshot->configuration().warnings : checked.error();
    outcome.summary = config::counted(found);
    for (const config::Fault& one : found)
        (one.is_warning ? outcome.warnings : outcome.faults).push_back(one.str());
    if (!checked)
        return outcome;
    const config::Configuration& configuration = checked->snapshot->configuration();
    outcome.webhooks = configuration.webhooks.size();
    outcome.dialplans = configuration.dialplans.plans().size();
    for (const std::string& key : not_before_restart(configuration.server))
        outcome.warnings.push_back(key + " would change only at a restart");
    for (std::string& message : listeners_.overruled(configuration.server))
        outcome.warnings.push_back(std::move(message));
    return outcome;
}

} // namespace dialhook::daemon
