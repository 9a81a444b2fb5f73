#include "daemon/vantage.hpp"

#include "config/configuration.hpp"

#include <pwd.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>

namespace dialhook::daemon {
namespace {

namespace fs = std::filesystem;

/// Where systemd looks for units, see systemd.unit(5).
constexpr std::array unit_folders{"/etc/systemd/system", "/run/systemd/system", "/usr/local/lib/systemd/system",
                                  "/usr/lib/systemd/system", "/lib/systemd/system"};

/// Returns whether systemd runs on this machine and has our unit: a container may have the package alone.
bool has_service()
{
    if (::sd_booted() <= 0)
        return false;
    return std::ranges::any_of(unit_folders, [](const char* folder) {
        std::error_code error;
        return fs::exists(fs::path(folder) / "dialhook.service", error);
    });
}

/// Returns the user who opened the socket at `path`, or for whom systemd did.
std::optional<uid_t> owner_of_socket(const std::string& path)
{
    struct stat found
    {
    };
    if (::stat(path.c_str(), &found) != 0 || !S_ISSOCK(found.st_mode))
        return std::nullopt;
    return found.st_uid;
}

std::string login_name(uid_t user)
{
    const passwd* const entry = ::getpwuid(user); // NOLINT(concurrency-mt-unsafe): --check has one thread
    return entry == nullptr ? std::to_string(user) : entry->pw_name;
}

} // namespace

Vantage Vantage::of_process(const std::string& control)
{
    Vantage vantage;
    if (std::getenv("CREDENTIALS_DIRECTORY") != nullptr)
        return vantage; // a command of the unit itself, such as ExecStartPre=
    const auto owner = owner_of_socket(control);
    if (::geteuid() == 0 && has_service())
        vantage.whose_ = "dialhook.service";
    else if (owner && *owner != ::geteuid())
        vantage.whose_ = "the user " + login_name(*owner);
    if (control != config::ServerSettings{}.control)
        vantage.control_ = " --control " + control;
    return vantage;
}

std::string Vantage::note(const std::filesystem::path& file) const
{
    return "note: the daemon runs as " + whose_ + ", with other rights than " + login_name(::geteuid()) +
           " and perhaps in a sandbox and with credentials of its own: what it may read was not tried\n"
           "  What does the running daemon say?  sudo dialhookctl" +
           control_ + " check " + file.string();
}

} // namespace dialhook::daemon
