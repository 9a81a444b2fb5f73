#include "config/include.hpp"

#include "config/unreadable.hpp"
#include "yaml/shown.hpp"

#include <system_error>

#include <algorithm>
#include <cerrno>
#include <glob.h>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace dialhook::config {
namespace {

namespace fs = std::filesystem;

/// What glob(3) found, and the directories that it could not look into.
class Matches
{
public:
    explicit Matches(const std::string& pattern)
    {
        unreadable().clear();
        ::glob(pattern.c_str(), GLOB_NOSORT, note_error, &found_);
        errors_ = unreadable();
    }
    ~Matches() { ::globfree(&found_); }
    Matches(const Matches&) = delete;
    Matches& operator=(const Matches&) = delete;

    bool empty() const { return found_.gl_pathc == 0; }
    void append_to(std::vector<IncludedFile>& files, std::size_t pattern) const
    {
        files.reserve(files.size() + found_.gl_pathc);
        for (std::size_t i = 0; i < found_.gl_pathc; ++i)
            files.push_back({found_.gl_pathv[i], pattern});
    }
    const std::vector<std::string>& errors() const { return errors_; }

private:
    /// glob(3) hands its callback nothing of ours.
    static std::vector<std::string>& unreadable()
    {
        thread_local std::vector<std::string> sentences;
        return sentences;
    }

    static int note_error(const char* path, int error)
    {
        if (error != ENOENT && error != ENOTDIR)
            unreadable().push_back(std::string(path) + " cannot be read: " + std::generic_category().message(error));
        return 0;
    }

    glob_t found_{};
    std::vector<std::string> errors_;
};

std::string escaped(const std::string& text)
{
    std::string pattern;
    for (const char character : text) {
        if (std::string_view("*?[]\\").find(character) != std::string_view::npos)
            pattern += '\\';
        pattern += character;
    }
    return pattern;
}

/// Returns `pattern` as seen from the directory of the main file.
std::string from_directory(const fs::path& directory, std::string_view pattern)
{
    if (pattern.starts_with('/') || directory.empty())
        return std::string(pattern);
    const auto prefix = escaped(directory.string());
    return prefix + (prefix.ends_with('/') ? "" : "/") + std::string(pattern);
}

bool is_pattern(std::string_view text)
{
    return text.find_first_of("*?[") != std::string_view::npos;
}

/// Returns the folders before the first that has a sign of a pattern in its name.
fs::path certain_folder(std::string_view pattern)
{
    const auto slash = pattern.rfind('/', pattern.find_first_of("*?["));
    return slash == std::string_view::npos ? std::string_view() : pattern.substr(0, slash);
}

/// No match is no fault, unless one file was named. A folder that is not there is probably misspelt: its customers
/// would all be gone.
void name_missing(const Value& value, std::string_view pattern, const fs::path& directory)
{
    std::error_code error;
    if (!is_pattern(pattern)) {
        const auto file = directory / pattern;
        if (fs::status(file, error).type() == fs::file_type::none)
            return value.fault(in_quotes(pattern) + " cannot be read: " + error.message() +
                               remedy_of_unreadable(file, error.message()));
        return value.fault("there is no file " + in_quotes(pattern) +
                           "; correct its name, or write a pattern such as conf.d/*.yaml if it may be missing" +
                           value.odd_character());
    }
    const auto folder = directory / certain_folder(pattern);
    if (!folder.empty() && !fs::exists(folder, error) && !error)
        value.warn("the folder " + folder.string() + " of this pattern does not exist, so no file is included" +
                   value.odd_character());
}

} // namespace

IncludedFiles::IncludedFiles(const Value& include, const std::filesystem::path& main_file)
{
    if (include.is_scalar())
        add_matches(include, main_file);
    else
        include.each_item("a glob pattern or a list of them, such as conf.d/*.yaml",
                          [&](const Value& item) { add_matches(item, main_file); });

    std::ranges::sort(files_, [](const IncludedFile& left, const IncludedFile& right) {
        const int order = left.path.compare(right.path);
        return order != 0 ? order < 0 : left.pattern < right.pattern;
    });
    files_.erase(
        std::unique(files_.begin(), files_.end(),
                    [](const IncludedFile& left, const IncludedFile& right) { return left.path == right.path; }),
        files_.end());
}

void IncludedFiles::add_matches(const Value& value, const std::filesystem::path& main_file)
{
    constexpr std::string_view expected = "a glob pattern, such as conf.d/*.yaml";
    const auto pattern = value.text(expected);
    if (!pattern)
        return;
    if (pattern->empty() || pattern->find('\0') != std::string_view::npos)
        return value.unexpected(expected);
    const Matches matches(from_directory(main_file.parent_path(), *pattern));
    for (const auto& error : matches.errors())
        value.fault(error);
    if (matches.empty() && matches.errors().empty())
        name_missing(value, *pattern, main_file.parent_path());
    matches.append_to(files_, patterns_.size());
    patterns_.push_back(value);
}

bool IncludedFiles::was_removed(const IncludedFile& file) const
{
    std::error_code error;
    return is_pattern(patterns_[file.pattern].written()) &&
           fs::symlink_status(file.path, error).type() == fs::file_type::not_found &&
           fs::exists(fs::path(file.path).parent_path(), error);
}

void IncludedFiles::warn_of_removed(const IncludedFile& file) const
{
    patterns_[file.pattern].warn(file.path + " was removed while the files of this pattern were read; if it was "
                                             "renamed, reload once more");
}

void IncludedFiles::fault_of_folder(const IncludedFile& folder) const
{
    const Value& value = patterns_[folder.pattern];
    const std::string_view pattern = value.written();
    if (is_pattern(pattern))
        return value.fault(folder.path + ", which this pattern takes in, is a folder; include files alone");
    const std::string slash = pattern.ends_with('/') ? "" : "/";
    value.fault("found a folder, expected a file or a pattern; did you mean " + std::string(pattern) + slash +
                "*.yaml?");
}

} // namespace dialhook::config
