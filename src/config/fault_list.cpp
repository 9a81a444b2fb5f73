#include "config/fault_list.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace dialhook::config {

std::string Fault::str() const
{
    if (line == 0)
        return file + ": " + message;
    return file + ":" + std::to_string(line) + ":" + std::to_string(column) + ": " + message;
}

FileNumber FaultList::add_file(std::string name)
{
    files_.push_back(std::move(name));
    return static_cast<FileNumber>(files_.size() - 1);
}

void FaultList::add(FileNumber file, Mark mark, std::string message)
{
    ++count_;
    if (entries_.size() < limit)
        entries_.push_back({file, mark, std::move(message)});
}

Faults FaultList::sorted() const
{
    auto entries = entries_;
    std::ranges::stable_sort(entries, {}, [](const Entry& entry) { return std::tuple(entry.file, entry.mark); });

    Faults faults;
    faults.reserve(entries.size() + 1);
    for (auto& entry : entries)
        faults.push_back({files_[entry.file], entry.mark.line, entry.mark.column, std::move(entry.message)});
    if (const auto more = count_ - entries.size(); more > 0)
        faults.push_back({files_.front(), 0, 0, std::to_string(more) + " more faults are not shown"});
    return faults;
}

std::string FaultList::place(FileNumber file, Mark mark) const
{
    return files_[file] + ":" + std::to_string(mark.line) + ":" + std::to_string(mark.column);
}

} // namespace dialhook::config
