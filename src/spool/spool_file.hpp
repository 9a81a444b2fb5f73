#pragma once

#include "spool/database.hpp"

#include <filesystem>
#include <memory>
#include <string>

namespace dialhook::spool {

/// What came of opening the spool's file.
struct OpenedFile
{
    std::unique_ptr<Database> database; ///< null: it cannot be used now
    std::string fault;                  ///< why, and what helps
    std::string set_aside;              ///< where a file that cannot be read is now; empty: there was none
    std::string why_set_aside;
};

/// Opens the spool's file, or makes one. One that is broken, or that a newer version wrote, is renamed
/// (`spool.db.broken-…` or `spool.db.newer-…` with the time) and another one begun. Nothing is renamed that another
/// process has open.
OpenedFile open_spool_file(const std::filesystem::path& file, SystemTime now);

} // namespace dialhook::spool
