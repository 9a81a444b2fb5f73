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
    return path;
}

} // namespace dialhook::config
