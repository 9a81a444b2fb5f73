#include "config/written_files.hpp"

#include "config/paths.hpp"

#include <array>

namespace dialhook::config {
namespace {

struct UsedPath
{
    std::string_view key; ///< under `server`
    const std::string& path;
};

} // namespace

WrittenFiles::WrittenFiles(const Value& server, const ServerSettings& settings)
    : server_(server)
{
    const std::array<UsedPath, 2> sockets{{{"socket", settings.socket}, {"control", settings.control}}};
    const std::array<UsedPath, 2> files{{{"spool", settings.spool.file}, {"log.file", settings.log.file}}};
    std::vector<UsedPath> used(sockets.begin(), sockets.end());
    for (const UsedPath& file : files) {
        if (file.path.empty())
            continue;
        for (const UsedPath& other : used)
            if (real_place(other.path) == real_place(file.path))
                fault(file.key, "`" + std::string(other.key) + "` and `" + std::string(file.key) +
                                    "` are the same path, expected two; set another path for one of them");
        used.push_back(file);
        if (const auto identity = identity_of(file.path); identity && identity->is_regular)
            existing_.push_back({file.key, *identity});
    }
}

void WrittenFiles::check_apart_from(const FileIdentity& read, const std::string& path) const
{
    for (const File& file : existing_)
        if (file.identity.is_same_file(read))
            fault(file.key, "this is " + path +
                                ", a file of the configuration, which would be written over; set "
                                "another path");
}

void WrittenFiles::fault(std::string_view key, std::string_view message) const
{
    constexpr std::string_view in_log = "log.";
    const bool is_in_log = key.starts_with(in_log);
    const auto section = is_in_log ? server_.entry("log") : server_;
    if (const auto entry = section->entry(is_in_log ? key.substr(in_log.size()) : key))
        entry->fault(message);
}

} // namespace dialhook::config
