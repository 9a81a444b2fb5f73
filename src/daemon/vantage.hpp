#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace dialhook::daemon {

/// Whether `--check` sees what the daemon would. It does not where a service of systemd runs the daemon, or another
/// user does: rights, sandbox and credentials are theirs.
class Vantage
{
public:
    /// `control` is the path of the daemon's control socket.
    static Vantage of_process(const std::string& control);

    bool is_the_daemon_s() const { return whose_.empty(); }

    /// Says what cannot be known from here of `file`, and who knows it.
    std::string note(const std::filesystem::path& file) const;

private:
    std::string whose_;   ///< `dialhook.service` or `the user dialhook`; empty: this process's
    std::string control_; ///< the option that leads `dialhookctl` there, if it takes one
};

} // namespace dialhook::daemon
