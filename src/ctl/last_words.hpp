#pragma once

#include <filesystem>
#include <string>

namespace dialhook::ctl {

/// Returns what the daemon whose sockets are in the folder of `socket` left when it ended, as lines for a terminal that
/// begin with `its last words`; empty if it left none, or this user may not read them.
std::string last_words(const std::filesystem::path& socket);

} // namespace dialhook::ctl
