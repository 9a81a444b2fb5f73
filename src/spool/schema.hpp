#pragma once

#include "spool/sqlite.hpp"

#include <span>
#include <string_view>

namespace dialhook::spool {

/// Returns how the tables of one version of the file become those of the next. The first step makes them; a step that
/// was released never changes.
std::span<const char* const> schema_steps();

/// Brings a file to the version that `steps` lead to, each step in a transaction. Throws NewerSchema, and leaves the
/// file as it is, if a newer Dialhook wrote it.
void upgrade(sqlite::Connection& connection, std::span<const char* const> steps);

class NewerSchema : public sqlite::Error
{
public:
    NewerSchema()
        : Error(SQLITE_ERROR, "a newer version of Dialhook wrote it")
    {
    }
};

} // namespace dialhook::spool
