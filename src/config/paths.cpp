#include "config/paths.hpp"

#include <dialhook/call/text.hpp>

#include <sys/un.h>

namespace dialhook::config {

std::optional<std::string> read_path(const Value& value)
{
    const auto path = value.text("an absolute path");
    if (!path)
        return std::nullopt;
    if (!path->starts_with('/') || path->ends_with('/') || text::has_controls(*path)) {
        value.unexpected("the absolute path of a file, such as /etc/dialhook/file");
        return std::nullopt;
    }
    return std::string(*path);
}

std::optional<std::string> read_socket_path(const Value& value)
{
    constexpr std::size_t longest = sizeof(sockaddr_un::sun_path) - 1;
    auto path = read_path(value);
    if (path && path->size() > longest) {
        value.fault("found a path of " + std::to_string(path->size()) + " bytes, expected at most " +
                    std::to_string(longest) + ", the longest that a Unix socket may have");
        return std::nullopt;
    }
    return path;
}

} // namespace dialhook::config
