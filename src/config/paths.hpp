#pragma once

#include "yaml/value.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace dialhook::config {

/// Reads an absolute path, which means the same wherever the daemon was started.
std::optional<std::string> read_path(const Value& value, std::string_view example = "/etc/dialhook/file");

/// Returns one path for the names of a folder through symbolic links, such as /run and /var/run.
std::filesystem::path real_place(const std::string& path);

/// Says why the file at `path` can be neither written nor made by this process, or nullopt.
std::optional<std::string> fault_of_file_to_write(const std::string& path);

/// Reads the absolute path of a file that can be written, or made: its folder is there and lets this process write.
std::optional<std::string> read_file_to_write(const Value& value);

/// Reads a path that a Unix socket may have (107 bytes at most, see unix(7)). Warns if none can be made there.
std::optional<std::string> read_socket_path(const Value& value);

} // namespace dialhook::config
