#pragma once

#include "config/configuration.hpp"
#include "config/read_file.hpp"
#include "yaml/value.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace dialhook::config {

/// The files that the daemon writes as `server` says: `log.file` and `spool`.
class WrittenFiles
{
public:
    /// Faults where two of them, or one and a socket, have the same path. `server` has to live as long.
    WrittenFiles(const Value& server, const ServerSettings& settings);

    /// Faults where one of them is the file that was read from `path`, by whatever name.
    void check_apart_from(const FileIdentity& read, const std::string& path) const;

private:
    struct File
    {
        std::string_view key; ///< under `server`
        FileIdentity identity;
    };

    void fault(std::string_view key, std::string_view message) const;

    const Value& server_;
    std::vector<File> existing_;
};

} // namespace dialhook::config
