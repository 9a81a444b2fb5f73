#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace dialhook::daemon {

/// Replaces `file` by one of mode `mode` that holds `bytes`, in one step: a reader finds the old or the new
/// bytes, whole. With `on_disk` they are on the disk before it returns. Returns a sentence if that failed.
std::optional<std::string> replace_file(const std::filesystem::path& file, std::string_view bytes, mode_t mode,
                                        bool on_disk);

} // namespace dialhook::daemon
