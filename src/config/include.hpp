#pragma once

#include "yaml/value.hpp"

#include <filesystem>
#include <vector>

namespace dialhook::config {

/// The files that `include` of `main_file` names, in alphabetical order, each once and never `main_file` itself.
std::vector<std::filesystem::path> included_files(const Value& include, const std::filesystem::path& main_file);

} // namespace dialhook::config
