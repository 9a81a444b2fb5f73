#pragma once

#include <filesystem>

namespace dialhook::daemon {

/// Returns whether `file` has `server.log.format: json`, even if it is faulty or no YAML at all: what collects JSON
/// lines would drop or misread the faults of a start in any other form. Blocking.
bool wants_json(const std::filesystem::path& file);

} // namespace dialhook::daemon
