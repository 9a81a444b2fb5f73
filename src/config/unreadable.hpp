#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace dialhook::config {

/// Returns what helps when a file cannot be read, to end a fault with; `why` is the system's reason. Empty if unknown.
std::string remedy_of_unreadable(const std::filesystem::path& file, std::string_view why);

/// Returns the mount point through which systemd hides `file` from a service, or an empty text. `mountinfo` is the text
/// of /proc/self/mountinfo, see proc(5).
std::string_view hidden_by_systemd(std::string_view mountinfo, std::string_view file);

} // namespace dialhook::config
