#include "config/paths.hpp"

#include "base/lookalike.hpp"
#include "base/text.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <system_error>
#include <unistd.h>

#include <cerrno>

namespace dialhook::config {
namespace {

/// A file may have any name, but hardly one with invisible characters.
void warn_of_odd_blanks(const Value& value, std::string_view path)
{
    for (auto found = first_lookalike(path); found; found = first_lookalike(path, found->offset + found->size))
        if (found->is_blank_or_invisible)
            return value.warn_in_text(found->offset, "this path has " + name_of(*found) + " in it: " + remedy(*found));
}

/// Returns whether systemd may make the folder when the service starts (RuntimeDirectory).
bool may_come_with_the_service(std::string_view folder)
{
    return folder.starts_with("/run/") || folder.starts_with("/var/run/");
}

/// A warning: the check may run before the folder is made, or where systemd passes the socket.
void warn_of_no_place_for_a_socket(const Value& value, const std::string& path)
{
    struct stat status
    {
    };
    if (::lstat(path.c_str(), &status) == 0) {
        if (!S_ISSOCK(status.st_mode))
            value.warn(
                "this exists and is not a socket, so a start cannot listen here; remove it, or set another path");
        return;
    }
    const std::string folder = path.substr(0, path.rfind('/') + 1);
    const bool is_missing = errno == ENOENT && ::stat(folder.c_str(), &status) != 0 && errno == ENOENT;
    if (is_missing && !may_come_with_the_service(folder))
        value.warn("there is no folder " + folder + ", so a start cannot listen here; make it first");
}

} // namespace

std::optional<std::string> read_path(const Value& value, std::string_view example)
{
    const auto path = value.text("an absolute path");
    if (!path)
        return std::nullopt;
    if (!path->starts_with('/') || path->ends_with('/') || text::has_controls(*path)) {
        value.unexpected("the absolute path of a file, such as " + std::string(example));
        return std::nullopt;
    }
    warn_of_odd_blanks(value, *path);
    return std::string(*path);
}

std::filesystem::path real_place(const std::string& path)
{
    const auto normal = std::filesystem::path(path).lexically_normal();
    std::error_code error;
    const auto folder = std::filesystem::canonical(normal.parent_path(), error);
    return error ? normal : folder / normal.filename();
}

std::optional<std::string> fault_of_file_to_write(const std::string& path)
{
    const auto forbids = [](const std::string& it, int what) {
        return ::faccessat(AT_FDCWD, it.c_str(), what, AT_EACCESS) != 0 && errno != ENOENT;
    };
    const std::string folder = path.substr(0, path.rfind('/') + 1);
    struct stat status
    {
    };
    if (::stat(path.c_str(), &status) == 0) {
        if (S_ISDIR(status.st_mode))
            return "found a folder, expected the path of a file in it";
        if (forbids(path, W_OK))
            return "the file cannot be written by user " + std::to_string(::geteuid()) + ": " +
                   std::system_category().message(errno);
        return std::nullopt;
    }
    if (errno == ENOENT && ::stat(folder.c_str(), &status) != 0)
        return "there is no folder " + folder + "; make it first";
    if (forbids(folder, W_OK | X_OK))
        return "user " + std::to_string(::geteuid()) + " cannot make a file in " + folder + ": " +
               std::system_category().message(errno);
    return std::nullopt;
}

std::optional<std::string> read_file_to_write(const Value& value)
{
    auto path = read_path(value);
    if (!path)
        return std::nullopt;
    const auto fault = fault_of_file_to_write(*path);
    if (!fault)
        return path;
    value.fault(*fault);
    return std::nullopt;
}

std::optional<std::string> read_socket_path(const Value& value)
{
    constexpr std::size_t longest = sizeof(sockaddr_un::sun_path) - 1;
    auto path = read_path(value, "/run/dialhook/dialhook.sock");
    if (path && path->size() > longest) {
        value.fault("found a path of " + std::to_string(path->size()) + " bytes, expected at most " +
                    std::to_string(longest) + ", the longest that a Unix socket may have");
        return std::nullopt;
    }
    if (path)
        warn_of_no_place_for_a_socket(value, *path);
    return path;
}

} // namespace dialhook::config
