#pragma once

#include "yaml/value.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace dialhook::config {

/// An absolute path, which means the same wherever the daemon was started.
std::optional<std::string> read_path(const Value& value, std::string_view example = "/etc/dialhook/file");

/// Says why the file at `path` can be neither written nor made by this process, or nothing.
std::optional<std::string> fault_of_file_to_write(const std::string& path);

/// The absolute path of a file that can be written, or made: its folder is there and lets this process write.
std::optional<std::string> read_file_to_write(const Value& value);

/// A path that a Unix socket may have (107 bytes at most, see unix(7)).
std::optional<std::string> read_socket_path(const Value& value);

} // namespace dialhook::config
