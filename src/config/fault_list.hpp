#pragma once

#include <dialhook/config/load.hpp>

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

/// Collects the faults of one load. The first `limit` are kept, all are counted.
class FaultList
{
public:
    static constexpr std::size_t limit = 1000;

    FileNumber add_file(std::string name);
    const std::string& file_name(FileNumber file) const { return files_[file]; }

    void add(FileNumber file, Mark mark, std::string message);
    bool empty() const { return count_ == 0; }
    /// Returns whether further faults are only counted, so that nobody need work out their places.
    bool is_full() const { return entries_.size() == limit; }

    /// The faults by file and place, and at their end how many more there are.
    Faults sorted() const;

    /// `file:line:column`, as a fault's message names another place.
    std::string place(FileNumber file, Mark mark) const;

private:
    struct Entry
    {
        FileNumber file;
        Mark mark;
        std::string message;
    };

    std::vector<std::string> files_;
    std::vector<Entry> entries_;
    std::size_t count_ = 0;
};

} // namespace dialhook::config
