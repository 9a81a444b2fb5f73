#pragma once

#include "config/key_table.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace dialhook::config {

/// The keys of one mapping of the configuration.
struct Section
{
    std::string_view path; ///< `server.log`; empty for the top level
    std::span<const KeyRow> keys;
};

/// Returns every key that the loader knows, from the tables that it reads with.
std::vector<Section> reference();

/// Returns the keys of `section` as the table of docs/configuration.md.
std::string markdown_table(const Section& section);

} // namespace dialhook::config
