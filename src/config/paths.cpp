#include "config/paths.hpp"

#include <dialhook/call/lookalike.hpp>
#include <dialhook/call/text.hpp>

#include <sys/un.h>

namespace dialhook::config {
namespace {

/// A file may be called anything, but hardly by what nobody sees.
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
