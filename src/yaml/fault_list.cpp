#include "yaml/fault_list.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace dialhook::config {

namespace {

std::string amount(std::size_t count, std::string_view noun)
{
    return std::to_string(count) + " " + std::string(noun) + (count == 1 ? "" : "s");
}

} // namespace

std::string Fault::str() const
{
    std::string text = file;
    if (line != 0)
        text += ":" + std::to_string(line) + ":" + std::to_string(column);
    return text + (is_warning ? ": warning: " : ": ") + message;
}

std::string counted(const Faults& found)
{
    std::size_t faults = 0;
    std::size_t warnings = 0;
    for (const Fault& one : found)
        (one.is_warning ? warnings : faults) += one.stands_for;
    const std::string text = faults == 0 ? "no faults" : amount(faults, "fault");
    return warnings == 0 ? text : text + ", " + amount(warnings, "warning");
}

FileNumber FaultList::add_file(std::string name)
{
    files_.push_back(std::move(name));
    return static_cast<FileNumber>(files_.size() - 1);
}

void FaultList::add(FileNumber file, Mark mark, std::string message)
{
    if (!is_full())
        entries_.push_back({file, mark, std::move(message), false});
    ++fault_count_;
}

void FaultList::warn(FileNumber file, Mark mark, std::string message)
{
    if (!is_full_of_warnings())
        entries_.push_back({file, mark, std::move(message), true});
    ++warning_count_;
}

Faults FaultList::sorted() const
{
    auto entries = entries_;
    std::ranges::stable_sort(entries, {}, [](const Entry& entry) { return std::tuple(entry.file, entry.mark); });

    Faults faults;
    faults.reserve(entries.size() + 2);
    for (auto& entry : entries)
        faults.push_back(
            {files_[entry.file], entry.mark.line, entry.mark.column, std::move(entry.message), entry.is_warning});
    if (warning_count_ > warning_limit)
        faults.push_back(not_shown(warning_count_ - warning_limit, true));
    if (fault_count_ > limit)
        faults.push_back(not_shown(fault_count_ - limit, false));
    return faults;
}

Fault FaultList::not_shown(std::size_t more, bool are_warnings) const
{
    const std::string noun = are_warnings ? " more warning" : " more fault";
    return {files_.front(), 0,   0, std::to_string(more) + noun + (more == 1 ? " is" : "s are") + " not shown",
            are_warnings,   more};
}

std::string FaultList::place(FileNumber file, Mark mark) const
{
    return files_[file] + ":" + std::to_string(mark.line) + ":" + std::to_string(mark.column);
}

} // namespace dialhook::config
