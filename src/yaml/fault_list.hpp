#pragma once

#include "yaml/fault.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace dialhook::config {

/// A place in a file: line and column (in code points) from 1, or zeros for the file as a whole.
struct Mark
{
    std::uint32_t line = 0;
    std::uint32_t column = 0;

    auto operator<=>(const Mark&) const = default;
};

/// Which file a fault is in: the order in which files were opened.
using FileNumber = std::uint32_t;

/// Collects the faults and warnings of one load. The first `limit` faults and `warning_limit` warnings are kept, all
/// are counted.
class FaultList
{
public:
    static constexpr std::size_t limit = 1000;
    /// Each start and reload logs them.
    static constexpr std::size_t warning_limit = 100;

    FileNumber add_file(std::string name);
    const std::string& file_name(FileNumber file) const { return files_[file]; }

    void add(FileNumber file, Mark mark, std::string message);
    void warn(FileNumber file, Mark mark, std::string message);
    bool has_faults() const { return fault_count_ != 0; }
    /// Faults and warnings so far.
    std::size_t found() const { return fault_count_ + warning_count_; }
    /// Returns whether further faults are only counted, so that their places need not be computed.
    bool is_full() const { return fault_count_ >= limit; }
    /// Returns the same of warnings.
    bool is_full_of_warnings() const { return warning_count_ >= warning_limit; }

    /// Faults and warnings by file and place, and at their end how many more there are.
    Faults sorted() const;

    /// Returns `file:line:column`, as a fault's message names another place.
    std::string place(FileNumber file, Mark mark) const;

private:
    struct Entry
    {
        FileNumber file;
        Mark mark;
        std::string message;
        bool is_warning;
    };

    Fault not_shown(std::size_t more, bool are_warnings) const;

    std::vector<std::string> files_;
    std::vector<Entry> entries_;
    std::size_t fault_count_ = 0;
    std::size_t warning_count_ = 0;
};

} // namespace dialhook::config
