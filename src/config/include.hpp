#pragma once

#include "yaml/value.hpp"

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace dialhook::config {

/// A file that a pattern of `include` takes in; it may be a folder, or the main file itself.
struct IncludedFile
{
    std::string path;
    std::size_t pattern; ///< which one
};

/// What `include` takes in, as glob(3) finds it: in alphabetical order, each path once. The files are not looked at
/// yet: for a hundred thousand, each system call counts.
class IncludedFiles
{
public:
    /// Patterns are seen from the folder of `main_file`. Faults of the patterns stand at them. `include` has to live as
    /// long.
    IncludedFiles(const Value& include, const std::filesystem::path& main_file);

    auto begin() const { return files_.begin(); }
    auto end() const { return files_.end(); }

    /// Returns whether a file that could not be found was removed since a pattern took it in, which is no fault. One
    /// that was named has to be there, and so have what a link leads to and the folder.
    bool was_removed(const IncludedFile& file) const;

    /// Says so: under another name it may be one of the pattern's that was not read.
    void warn_of_removed(const IncludedFile& file) const;

    /// Says that what a pattern takes in turned out to be a folder.
    void fault_of_folder(const IncludedFile& folder) const;

private:
    void add_matches(const Value& value, const std::filesystem::path& main_file);

    std::vector<Value> patterns_;
    std::vector<IncludedFile> files_;
};

} // namespace dialhook::config
